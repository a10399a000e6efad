// Helps with the entry form; without it everything works by hand.
(() => {
  "use strict";
  const form = document.getElementById("activity_form");
  document.documentElement.classList.add("with-script");
  if (!form) return;

  // 今天 and 昨天: most entries are about one of the two.
  const iso = (day) => {
    const two = (number) => String(number).padStart(2, "0");
    return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
  };
  for (const place of form.querySelectorAll("[data-days-for]")) {
    const input = document.getElementById(place.dataset.daysFor);
    if (!input || input.closest("fieldset[disabled]")) continue;
    for (const [words, ago] of [["今天", 0], ["昨天", 1]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "entry-button entry-button-small";
      button.textContent = words;
      button.addEventListener("click", () => {
        const day = new Date();
        day.setDate(day.getDate() - ago);
        input.value = iso(day);
        input.dispatchEvent(new Event("change", { bubbles: true }));
      });
      place.append(button);
    }
  }

  // The kind follows the programme as it was used last, until she chooses herself.
  const kind = form.querySelector("[name=kind]");
  let choseKind = Boolean(form.querySelector(".is-wrong")) || !form.elements.client_token;
  kind?.addEventListener("change", () => { choseKind = true; });
  form.addEventListener("change", (event) => {
    if (event.target.name !== "programme" || choseKind || !kind) return;
    if (event.target.dataset.kind) kind.value = event.target.dataset.kind;
    tell("kind");
  });

  // The folded lines go on telling what is inside.
  const words = (name) => {
    const fields = [...form.querySelectorAll(`[name="${name}"]`)];
    return fields.map((field) => {
      if (field.type === "radio" || field.type === "checkbox") {
        return field.checked ? field.parentElement.textContent.trim() : "";
      }
      if (field.tagName === "SELECT") {
        return field.value ? field.selectedOptions[0].textContent.trim() : "";
      }
      return field.value.trim();
    }).filter(Boolean).join("、");
  };
  const told = {
    kind: ["kind", "format", "starts_at"],
    content: ["audience", "lecturer"],
    figures: ["children_count", "count_method"],
    publicity: ["branch", "visibility", "happening"],
  };
  function tell(section) {
    const hint = form.querySelector(`[data-section="${section}"] .entry-fold-hint`);
    if (!hint) return;
    const parts = told[section].map((name) => {
      const said = words(name);
      return said && name === "children_count" ? `儿童 ${said}` : said;
    });
    hint.textContent = parts.filter(Boolean).join(" · ") || "选填";
  }
  for (const section of Object.keys(told)) {
    form.querySelector(`[data-section="${section}"]`)
      ?.addEventListener("change", () => tell(section));
  }

  // One submission, however often a slow page is tapped. The server knows it too.
  let pressed = null;
  const buttons = form.querySelectorAll("[type=submit]");
  form.addEventListener("submit", (event) => {
    if (pressed) {
      event.preventDefault();
      return;
    }
    pressed = { button: event.submitter, words: event.submitter?.textContent };
    for (const button of buttons) button.setAttribute("aria-disabled", "true");
    if (event.submitter) event.submitter.textContent = "正在保存…";
  });
  // Back again, or no answer came: what was typed is still here and may be sent.
  window.addEventListener("pageshow", () => {
    if (pressed?.button) pressed.button.textContent = pressed.words;
    for (const button of buttons) button.removeAttribute("aria-disabled");
    pressed = null;
  });

  // Partners: names are offered while typing, and there is always one more row.
  const rows = form.querySelector("[data-partners]");
  const blank = document.getElementById("another-partner");
  const found = document.getElementById("branches-found");
  if (rows && blank && found) {
    const prefix = rows.dataset.partners;
    const total = form.elements[`${prefix}-TOTAL_FORMS`];
    const address = `${rows.dataset.branches}?app_label=activities&model_name=activitypartner&field_name=branch&verb=any&term=`;
    let timer = 0;
    const offer = async (text) => {
      const answer = await fetch(address + encodeURIComponent(text), { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) return;
      const { results } = await answer.json();
      found.replaceChildren(...results.slice(0, 8).map((branch) => {
        const option = document.createElement("option");
        option.value = branch.text;
        return option;
      }));
    };
    rows.addEventListener("input", (event) => {
      if (!event.target.name?.endsWith("-name")) return;
      event.target.setAttribute("list", found.id);
      window.clearTimeout(timer);
      const text = event.target.value.trim();
      // A weak signal only costs the suggestions.
      if (text) timer = window.setTimeout(() => offer(text).catch(() => {}), 250);
      const names = [...rows.querySelectorAll("[name$='-name']")];
      if (names.every((name) => name.value.trim())) {
        rows.insertAdjacentHTML("beforeend", blank.innerHTML.replaceAll("__prefix__", total.value));
        total.value = Number(total.value) + 1;
      }
    });
  }
})();
