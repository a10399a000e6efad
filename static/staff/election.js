// Helps with the pages of an election; without it everything works as well.
(() => {
  "use strict";
  // Unfold looks for a text field of its own beside each file field.
  for (const input of document.querySelectorAll("input[type=file]")) {
    input.hasChangeListener = true;
  }

  // Tapped twice, a form is sent once; a page that is come back to can be sent again.
  const buttons = (form) => form.querySelectorAll("button[type=submit]");
  for (const form of document.querySelectorAll(".election form[method=post]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "1";
      for (const button of buttons(form)) button.setAttribute("aria-disabled", "true");
    });
  }
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll(".election form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of buttons(form)) button.removeAttribute("aria-disabled");
    }
  });
})();
