"""The staff's screens, and what a thumb needs of them."""

from tests.factories import PASSWORD

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}

# What is smaller than a thumb, or makes the phone zoom in.
TOO_SMALL = """() => {
  // A select behind Select2 is there for the form, not for the eye.
  const seen = (element) => element.checkVisibility()
    && !element.matches('.select2-hidden-accessible, [class^=select2-search], '
      + '.select2-selection__clear');
  const told = (element) => element.outerHTML.slice(0, 90);
  const fields = ':is(input, select, textarea):not('
    + '[type=hidden], [type=radio], [type=checkbox], [type=file])';
  const wrong = [];
  const touched = `.entry :is(button, summary, a, .entry-chip, ${fields})`;
  for (const element of document.querySelectorAll(touched)) {
    const {width, height} = element.getBoundingClientRect();
    if (seen(element) && (height < 44 || width < 44)) {
      wrong.push([told(element), width, height]);
    }
  }
  for (const element of document.querySelectorAll('.entry *')) {
    const nodes = [...element.childNodes];
    const has_words = nodes.some((node) => node.nodeType === 3 && node.data.trim());
    if (!seen(element) || !(has_words || element.matches(fields))) continue;
    const letters = parseFloat(getComputedStyle(element).fontSize);
    if (letters < 16) wrong.push([told(element), letters]);
  }
  return wrong;
}"""


def log_in(page, user):
    page.fill("[name=username]", user.username)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_load_state()
