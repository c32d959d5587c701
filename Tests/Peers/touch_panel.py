"""Uses a room's touch panel in Chromium, as somebody in the room would, and checks each view with axe-core.

Arguments: the file with the picture of the room's screen, which shows how to get in, the PIN to choose, the practice
meeting's code, and a folder for pictures, or nothing. Writes one line of JSON with what it saw.
"""
import json
import shutil
import sys
import time

import zxingcpp
from PIL import Image
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright


class Panel:
    def __init__(self, page, pictures):
        self.page = page
        self.pictures = pictures
        self.violations = []

    def look(self, name):
        """Checks what is shown by the rules of WCAG, and keeps a picture of it."""
        for violation in Axe().run(self.page).response["violations"]:
            self.violations.append(f"{name}: {violation['id']} {violation['nodes'][0]['target']}")
        if self.pictures:
            self.page.screenshot(path=f"{self.pictures}/{name}.png")

    def shows(self, view):
        self.page.wait_for_selector(f"#view-{view}:not([hidden])", timeout=30000)

    def press(self, button):
        """Presses a button and waits until it shows the other state; milliseconds, by the page's own clock."""
        return self.page.evaluate("""name => new Promise((resolve) => {
            const button = document.querySelector(name);
            const before = button.dataset.on;
            const began = performance.now();
            new MutationObserver((_, observer) => {
                if (button.dataset.on === before) return;
                observer.disconnect();
                resolve(performance.now() - began);
            }).observe(button, { attributes: true });
            button.click();
        })""", button)

    def dialog(self, name):
        self.page.click(f"[data-dialog=dialog-{name}]")
        self.look(name)

    def close(self, name):
        self.page.click(f"#dialog-{name} [data-close]")


def link_on(screen, mark):
    """The link in the QR code on the room's screen, once it is one with `mark`."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            codes = zxingcpp.read_barcodes(Image.open(screen).convert("RGB"))
        except OSError:
            codes = []
        for code in codes:
            if mark in code.text:
                return code.text
        time.sleep(0.2)
    raise TimeoutError(f"no code with {mark} on the screen")


def set_up(panel, link, pin):
    """Chooses the room's first PIN, as an installer who has scanned the code."""
    page, seen = panel.page, {}
    page.goto(link)
    panel.shows("setup")
    panel.look("setup")
    code = page.input_value("#setup-code")
    seen["setupCode"] = code == link.split("=")[-1] and "#" not in page.url
    page.fill("#setup-code", "000000" if code != "000000" else "000001")
    page.fill("#setup-pin", pin)
    page.fill("#setup-again", pin + "0")
    page.press("#setup-again", "Enter")
    page.wait_for_selector("#setup-error:not([hidden])")
    seen["setupDiffers"] = page.inner_text("#setup-error")
    page.fill("#setup-again", pin)
    page.press("#setup-again", "Enter")
    page.wait_for_function("before => document.getElementById('setup-error').textContent !== before", arg=seen["setupDiffers"])
    seen["setupWrong"] = page.inner_text("#setup-error")
    page.fill("#setup-code", code)
    page.press("#setup-code", "Enter")
    panel.shows("idle")
    page.click("#logout")
    return seen


def pair(context, link):
    """Comes by the code on the screen, as a phone does; what it may do."""
    page = context.new_page()
    page.goto(link)
    page.wait_for_selector("#view-idle:not([hidden])")
    return page.evaluate("async () => (await (await fetch('/api/session')).json()).role + location.hash")


def use(panel, pin, code):
    page, seen = panel.page, {}
    panel.shows("login")
    panel.look("login")
    page.fill("#login-name", "admin")
    page.fill("#login-pin", "not " + pin)
    page.press("#login-pin", "Enter")
    page.wait_for_selector("#login-error:not([hidden])")
    seen["refusal"] = page.inner_text("#login-error")
    page.fill("#login-pin", pin)
    page.press("#login-pin", "Enter")
    panel.shows("idle")
    panel.look("idle")
    for letter in code:
        page.click(f'#keypad button:text-is("{letter}")')
    seen["code"] = page.input_value("#code")
    page.click("#dial button.primary")
    panel.shows("meeting")
    panel.look("meeting")
    times = sorted(panel.press("#microphone") for _ in range(21))
    seen["muteMilliseconds"] = [times[10], times[-1]]
    seen["muted"] = page.inner_text("#microphone")
    panel.press("#hand")
    seen["hand"] = page.inner_text("#hand")
    panel.look("muted")
    panel.dialog("chat")
    page.fill("#chat-text", "Bonjour")
    page.press("#chat-text", "Enter")
    page.wait_for_selector("#chat-messages li:last-child p:text-is('Bonjour')")
    panel.close("chat")
    panel.dialog("people")
    seen["people"] = page.locator("#people li").count()
    panel.close("people")
    panel.dialog("reactions")
    page.click("#reactions button >> nth=0")
    panel.dialog("layout")
    page.click("#layouts button >> nth=1")
    page.wait_for_function("() => document.querySelectorAll('#layouts button')[1].ariaPressed === 'true'")
    panel.close("layout")
    panel.dialog("diagnostics")
    page.keyboard.press("Escape")
    panel.dialog("settings")
    page.fill("#settings input >> nth=0", "Salle Rivoli")
    page.keyboard.press("Tab")
    page.wait_for_function("() => document.getElementById('room-name').textContent === 'Salle Rivoli'")
    page.keyboard.press("Escape")
    page.click("#language")
    seen["english"] = page.inner_text("#leave")
    page.click("#language")
    page.click("#leave")
    page.click("#leave-now")
    panel.shows("idle")
    # By keyboard alone.
    page.focus("#code")
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    panel.shows("meeting")
    page.click("#leave")
    page.click("#leave-now")
    panel.shows("idle")
    page.click("#logout")
    panel.shows("login")
    seen["violations"] = panel.violations
    return seen


def main(screen, pin, code, pictures=None):
    with sync_playwright() as playwright:
        # In a container there is no room for Chromium's own sandbox.
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tablet = {"viewport": {"width": 1280, "height": 800}, "has_touch": True}
        context = browser.new_context(ignore_https_errors=True, locale="fr-FR", **tablet)
        faults = []
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        panel = Panel(page, pictures)
        seen = set_up(panel, link_on(screen, "#setup="), pin)
        seen |= use(panel, pin, code)
        seen["paired"] = pair(browser.new_context(ignore_https_errors=True), link_on(screen, "#pair="))
        seen["faults"] = faults
        browser.close()
    print(json.dumps(seen), flush=True)


main(*sys.argv[1:])
