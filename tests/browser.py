"""A real Chromium for the tests: how it is found and started, and pages that report what went wrong in them."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, ViewportSize, sync_playwright

VIEWPORT: ViewportSize = {"width": 1280, "height": 900}

# Quiet, and deaf to anything but this machine: a test must not depend on the network.
ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Start Chromium without a window, and close it at the end.

    :raise RuntimeError: no Chromium is installed
    """
    arguments = [*ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else ARGUMENTS
    with sync_playwright() as playwright:
        executable = shutil.which("chromium") or playwright.chromium.executable_path
        if not Path(executable).exists():
            raise RuntimeError("no Chromium is installed: apt-get install chromium")
        browser = playwright.chromium.launch(executable_path=executable, headless=True, args=arguments)
        yield browser
        browser.close()


@dataclass
class Pages:
    """Opens pages, each in a session of its own, and remembers the faults that the browser saw in them."""

    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __call__(self, javascript: bool = True, locale: str = "fr-BE") -> Page:
        """Open a blank page with its own cookies; `locale` is the language that the browser asks for."""
        context = self.browser.new_context(java_script_enabled=javascript, locale=locale, viewport=VIEWPORT)
        context.set_default_timeout(30_000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", self._note_script_error)
        page.on("console", self._note_breach_of_policy)
        return page

    def close(self) -> None:
        """Close every session."""
        for context in self.contexts:
            context.close()

    def _note_script_error(self, error: Error) -> None:
        self.faults.append(f"script error: {error.message}")

    def _note_breach_of_policy(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.faults.append(message.text)
