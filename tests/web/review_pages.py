"""The pages of reviews, as part of the tour through all pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accessmgr.usecases.reviews import close_due
from tests.web.building import NETJES, advance, post, product_of

if TYPE_CHECKING:
    from tests.web.all_pages import Tour

WISH = {"scope": "all", "last": "2026-03-02", "unanswered": "keep"}


def review_pages(tour: Tour) -> None:
    """See every page of a review that goes on, and of one that is closed."""
    here, grant = f"/users/{NETJES}/reviews", tour.cast.chain.grant
    tour.see("reviews, none", "nadia", f"{here}/")
    tour.see("results of reviews, none", "mila", f"/history/{NETJES}/reviews/")
    tour.see("review to start", "nadia", f"{here}/new")
    tour.send("review to start with errors", "nadia", f"{here}/new", scope="sample", last="31/02/2026")
    check = tour.after("nadia", f"{here}/new", **WISH)
    tour.see("review to start, check", "nadia", check)
    tour.see("review to start, once more", "nadia", f"{here}/new?draft={check.rpartition('/')[2]}")
    review = tour.after("nadia", check)
    tour.see("reviews", "nadia", f"{here}/")
    tour.see("review", "nadia", review)
    tour.see("review, nothing settled", "nadia", f"{review}?show=answered")
    tour.send("review, nothing ticked", "nadia", review, answer="ended")
    tour.send("review with errors", "nadia", review, answer="changed", grant=grant, last="31/02/2026")
    tour.see("review, many to end", "nadia", tour.after("nadia", review, answer="ended", grant=grant))
    one = str(tour.client("nadia").get(f"{review}/next").location)
    tour.see("review, one right", "nadia", one)
    tour.send("review, one right with errors", "nadia", one, answer="changed", last="31/02/2026")
    tour.see("review, end of one right", "nadia", f"{one}/end")
    tour.see("result of a review that goes on", "nadia", review.replace("/users/", "/history/"))
    post(tour.client("nadia"), review, {"answer": "confirmed", "grant": grant})
    tour.see("review, settled", "nadia", review)
    tour.see("review, one right that is settled", "nadia", one)


def closed_review_pages(tour: Tour) -> None:
    """See what the reviews of the tour came to, a day later."""
    product = product_of(tour.cast.app)
    advance(tour.cast.app, "2026-03-03T09:00")
    found = product.reviews.of(NETJES)[0]
    tour.see("review that is being closed", "nadia", f"/users/{NETJES}/reviews/{found.id}")
    close_due(product.world, product.reviews)
    tour.see("review that is closed", "nadia", f"/users/{NETJES}/reviews/{found.id}")
    tour.see("reviews, closed", "nadia", f"/users/{NETJES}/reviews/")
    tour.see("results of reviews", "nadia", f"/history/{NETJES}/reviews/")
    for who in ("nadia", "mila"):
        tour.see(f"result of a review for {who}", who, f"/history/{NETJES}/reviews/{found.id}")
