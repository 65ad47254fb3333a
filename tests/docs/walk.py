"""A page of the manual walked in a browser: what the page names is on the screen, in the order of the page.

Words in bold and in backticks are the page's *words*. Each action of a `Walk` takes the next ones and fails when they
are others, so neither the page nor the test can change alone; a section ends only when all its words were taken.
"""

import re

from doc_pages import DOCS
from playwright.sync_api import Locator, Page, expect

ROLES = ("button", "link", "tab", "menuitem")


class Walk:
    def __init__(self, page: Page, name: str) -> None:
        text = (DOCS / name).read_text("utf-8")
        parts = re.split(r"^## (.+)$", text, flags=re.M)
        self.sections = dict(zip(parts[1::2], map(words_of, parts[2::2]), strict=True))
        self.page, self.name, self.words, self.within = page, name, list[str](), ""

    def section(self, title: str) -> None:
        """Begin the next section; the one before must be done."""
        self.ended()
        numbered = [each for each in self.sections if each[0].isdigit()]
        assert numbered[0] == title, f"{self.name} goes on with {numbered[0]!r}"
        self.within, self.words = title, self.sections.pop(title)

    def ended(self) -> None:
        assert not self.words, f"{self.name}, {self.within}: nobody tried {self.words}"

    def done(self) -> None:
        self.ended()
        left = [title for title in self.sections if title[0].isdigit()]
        assert not left, f"{self.name}: nobody walked {left}"

    def word(self, expected: str) -> str:
        found = self.words.pop(0) if self.words else "nothing more"
        assert found == expected, (
            f"{self.name}, {self.within}: the page says {found!r}, the test {expected!r}"
        )
        return expected

    def words_are(self, *expected: str) -> None:
        """Words of the page that are said of what the test does by other means."""
        for each in expected:
            self.word(each)

    def control(self, name: str, place: Locator | None = None) -> Locator:
        """The first visible button, link or tab that is called so."""
        return self._control(re.compile(rf"^\s*{re.escape(name)}\s*$"), place)

    def _control(self, name: re.Pattern[str], place: Locator | None) -> Locator:
        near = place or self.page.locator("body")
        found = near.get_by_role("button", name=name)
        for role in ROLES[1:]:
            found = found.or_(near.get_by_role(role, name=name))  # type: ignore[arg-type]
        return found.filter(visible=True).first

    def press(self, name: str, place: Locator | None = None) -> None:
        self.control(self.word(name), place).click()

    def press_longer(self, name: str, place: Locator | None = None) -> None:
        """Press what is called so and goes on, such as an entry with a figure or an explanation."""
        self._control(re.compile(rf"^\s*{re.escape(self.word(name))}"), place).click()

    def field(self, label: str, place: Locator | None = None) -> Locator:
        near = place or self.page.locator("body")
        starts = re.compile(rf"^{re.escape(label)}\s*\*?$")
        return near.get_by_label(starts).filter(visible=True).first

    def write(self, value: str, label: str, place: Locator | None = None) -> Locator:
        self.words_are(value, label)
        field = self.field(label, place)
        field.fill(value)
        return field

    def choose(self, option: str, label: str, place: Locator | None = None) -> None:
        self.words_are(option, label)
        self.field(label, place).select_option(label=option)

    def tick(self, label: str, place: Locator | None = None) -> None:
        self.field(self.word(label), place).check()

    def see(self, text: str, place: Locator | None = None) -> None:
        near = place or self.page.locator("body")
        expect(near.get_by_text(self.word(text)).filter(visible=True).first).to_be_visible()


def words_of(section: str) -> list[str]:
    """Bold words and words in backticks, in their order; a line's end inside counts as a space."""
    found = re.findall(r"\*\*(.+?)\*\*|`([^`]+)`", section, flags=re.S)
    return [" ".join((bold or code).split()) for bold, code in found]
