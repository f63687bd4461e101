"""The decision point: what its endpoints work with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from flask import current_app, url_for

from accessmgr.authzen.pages import PageTokens
from accessmgr.usecases.decision_log import DecisionLog
from accessmgr.usecases.world import World

EXTENSION = "accessmgr.authzen"
EVALUATION = "/access/v1/evaluation"
EVALUATIONS = "/access/v1/evaluations"
SEARCH_SUBJECT = "/access/v1/search/subject"
SEARCH_RESOURCE = "/access/v1/search/resource"
SEARCH_ACTION = "/access/v1/search/action"


@dataclass(frozen=True)
class DecisionPoint:
    """The product as a decision point (AuthZEN calls it PDP).

    :param base_url: where the product is reached, without a slash at the end
    :param simulation: then people are known by the short names of personas too
    """

    world: World
    log: DecisionLog
    base_url: str
    simulation: bool
    pages: PageTokens

    def link(self, endpoint: str, values: Mapping[str, Any]) -> str:
        """The whole address of a page."""
        return self.base_url + url_for(endpoint, **values)

    @property
    def metadata(self) -> Mapping[str, str]:
        """Where everything is (Authorization API 1.0, section 9)."""
        return {
            "policy_decision_point": self.base_url,
            "access_evaluation_endpoint": self.base_url + EVALUATION,
            "access_evaluations_endpoint": self.base_url + EVALUATIONS,
            "search_subject_endpoint": self.base_url + SEARCH_SUBJECT,
            "search_resource_endpoint": self.base_url + SEARCH_RESOURCE,
            "search_action_endpoint": self.base_url + SEARCH_ACTION,
        }


def point() -> DecisionPoint:
    """The decision point of this application."""
    return cast(DecisionPoint, current_app.extensions[EXTENSION])
