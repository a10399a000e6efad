// Every page works without this file. It saves a tap: a select that changes sends
// its form, and the subscription's address is copied with one button.

function select(field) {
  field.focus();
  field.select();
}

async function copy(button) {
  const field = document.getElementById(button.dataset.copy);
  select(field);
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    // No clipboard without HTTPS, nor in WeChat: the older way, on the selection.
    document.execCommand("copy");
  }
  button.textContent = "已复制";
}

function uncoverButtons(root) {
  for (const button of root.querySelectorAll("[data-copy][hidden]")) {
    button.hidden = false;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
  for (const box of document.querySelectorAll("details.subscribe[open]")) {
    if (!box.contains(event.target)) box.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const box of document.querySelectorAll("details.subscribe[open]")) {
    box.open = false;
    box.querySelector("summary").focus();
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-submit]")) event.target.form.requestSubmit();
});

// Addresses people share name what was chosen and nothing else.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  for (const name of Object.keys(detail.parameters)) {
    if (detail.parameters[name] === "") delete detail.parameters[name];
  }
});

document.addEventListener("htmx:afterSwap", () => uncoverButtons(document));
uncoverButtons(document);
