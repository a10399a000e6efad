// Keeps each household's entry on the phone until the site has it. An entry's token is
// made here, once: however often it is sent, it is one inspection.
(() => {
  "use strict";
  const root = document.querySelector("[data-walk]");
  if (!root) return;
  const walk = JSON.parse(root.dataset.walk);
  const part = (name) => root.querySelector(`[data-walk-${name}]`);
  const status = part("status");
  const card = part("card");
  const next = part("next");
  const EVERY = 15_000;
  const TOO_LONG = 30_000;
  const DAY = 86_400_000;
  const OPENED = Date.now();
  let csrf = root.dataset.csrf;
  let place = 0;

  // The shelf on the phone. Scores and a household's number in the site, no names.
  const opened = new Promise((done, fail) => {
    const asked = indexedDB.open("walk", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("entries", { keyPath: "token" });
      asked.result.createObjectStore("photos", { keyPath: "key" });
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
  const on = async (store, mode, act) => {
    const shelf = await opened;
    return new Promise((done, fail) => {
      const deal = shelf.transaction(store, mode);
      const asked = act(deal.objectStore(store));
      // Done when it is written for good, not when it was asked for.
      deal.oncomplete = () => done(asked.result);
      deal.onerror = () => fail(deal.error);
      deal.onabort = () => fail(deal.error);
    });
  };
  const all = (store) => on(store, "readonly", (box) => box.getAll());
  const put = (store, row) => on(store, "readwrite", (box) => box.put(row));
  const drop = (store, key) => on(store, "readwrite", (box) => box.delete(key));
  const mine = async () => (await all("entries"))
    .filter((entry) => entry.account === walk.account)
    .sort((a, b) => a.made - b.made);

  const newToken = () => {
    if (crypto.randomUUID) return crypto.randomUUID();
    // Without https there is no randomUUID; the digits are as good.
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return [8, 4, 4, 4, 12].reduce(([parts, rest], length) =>
      [[...parts, rest.slice(0, length)], rest.slice(length)], [[], hex])[0].join("-");
  };

  const element = (tag, words, name) => {
    const made = document.createElement(tag);
    if (words) made.textContent = words;
    if (name) made.className = name;
    return made;
  };

  // The page may stay open over night; the day is the site's, not the phone's.
  const today = () => {
    const nights = Math.floor((Date.now() - OPENED - walk.left) / DAY) + 1;
    const noon = new Date(`${walk.day}T12:00:00Z`);
    noon.setUTCDate(noon.getUTCDate() + Math.max(0, nights));
    return noon.toISOString().slice(0, 10);
  };
  for (const one of walk.households) one.done = one.done ? walk.day : "";
  const isDone = (one) => one.done === today();

  // The card of one household.
  const marked = () => walk.criteria.filter((one) => !one.veto);
  const chosen = (one) => card.querySelector(`[name="c${one.id}"]:checked`);
  const drawCriteria = () => {
    const box = part("criteria");
    for (const one of walk.criteria) {
      if (one.veto) {
        const line = element("label", "", "walk-veto");
        const tick = element("input");
        tick.type = "checkbox";
        tick.name = `c${one.id}`;
        const words = element("span", one.name);
        if (one.hint) words.append(element("small", one.hint));
        line.append(tick, words);
        box.append(line);
        continue;
      }
      const group = element("fieldset");
      const legend = element("legend", one.name);
      if (one.hint) legend.append(element("small", one.hint));
      const row = element("div", "", "walk-marks");
      for (const mark of one.marks) {
        const label = element("label", "", "walk-mark");
        const input = element("input");
        input.type = "radio";
        input.name = `c${one.id}`;
        input.value = mark.points;
        label.append(input, element("b", String(mark.points)), element("small", mark.word));
        row.append(label);
      }
      group.append(legend, row);
      box.append(group);
    }
  };
  const add = () => {
    const given = marked().map(chosen);
    const isWhole = given.every(Boolean);
    const points = given.reduce((sum, input) => sum + (input ? Number(input.value) : 0), 0);
    const vetoed = walk.criteria.some((one) => one.veto && chosen(one));
    const missing = given.filter((input) => !input).length;
    let words = `还差 ${missing} 项`;
    if (isWhole) {
      const grade = vetoed || points < walk.fair ? "未达标"
        : points < walk.model ? "合格" : "示范户";
      words = `${points} 分 · ${grade}`;
    }
    part("sum").textContent = words;
    next.disabled = !isWhole;
  };
  const show = () => {
    const one = walk.households[place];
    if (!one) {
      card.hidden = true;
      tell();
      return;
    }
    card.hidden = false;
    next.disabled = true;
    part("place").textContent = `${one.number} 号户${one.place ? ` · ${one.place}` : ""}`
      + (isDone(one) ? " · 今天评过" : "");
    part("name").textContent = one.name;
    for (const input of card.querySelectorAll("[type=radio], [type=checkbox]")) {
      input.checked = false;
    }
    for (const name of ["mend", "remark", "photo"]) part(name).value = "";
    part("jump").value = String(place);
    add();
  };
  const go = (where) => {
    place = Math.max(0, Math.min(where, walk.households.length));
    show();
    window.scrollTo({ top: 0 });
  };

  // What is still on the phone.
  const tell = async () => {
    const left = await mine();
    const refused = left.filter((entry) => entry.refusal);
    const waiting = left.length - refused.length;
    const kept = await all("photos");
    const photos = kept.filter((one) => one.account === walk.account && !one.refusal);
    const spoilt = kept.filter((one) => one.account === walk.account && one.refusal);
    const others = [...await all("entries"), ...kept]
      .filter((one) => one.account !== walk.account).length;
    const done = walk.households.filter(isDone).length;
    const whole = walk.households.length;
    const words = [`今天评了 ${done} / ${whole} 户`];
    if (!whole) words.splice(0, 1, "名册里还没有家庭户，请先在后台登记或导入");
    else if (place >= whole) words.push("走完了");
    if (waiting) words.push(`还有 ${waiting} 条没发出`);
    else if (photos.length) words.push(`还有 ${photos.length} 张照片没发出`);
    else if (!refused.length && whole) words.push("都已发出");
    if (others) words.push(`这部手机上还有另一个账号记的 ${others} 条没发出，请用那个账号登录`);
    if (stopped) words.push(stopped);
    status.textContent = words.join(" · ");
    status.classList.toggle("is-waiting", Boolean(waiting || photos.length || others || stopped));
    part("login").hidden = !stopped;
    const box = part("refused");
    box.replaceChildren();
    box.hidden = !refused.length && !spoilt.length;
    for (const entry of refused) {
      const one = walk.households.findIndex((other) => other.id === entry.household);
      const line = element("p", `${entry.label}：${entry.refusal}`);
      const again = element("button", "重新评这一户", "button");
      again.type = "button";
      again.addEventListener("click", async () => {
        await forget(entry);
        if (one >= 0) go(one);
        tell();
      });
      box.append(line, again);
    }
    for (const photo of spoilt) {
      const seen = element("button", "知道了", "button");
      seen.type = "button";
      seen.addEventListener("click", async () => {
        await drop("photos", photo.key);
        tell();
      });
      box.append(element("p", `${photo.label || "一户"}的照片没有收下：${photo.refusal}`), seen);
    }
  };

  const forget = async (entry) => {
    await drop("entries", entry.token);
    for (const photo of await all("photos")) {
      if (photo.token === entry.token) await drop("photos", photo.key);
    }
  };

  // Sending, one after the other; only one loop at a time.
  let stopped = "";
  let isSending = false;
  const post = async (address, body, headers = {}) => {
    const patience = new AbortController();
    const alarm = setTimeout(() => patience.abort(), TOO_LONG);
    try {
      return await fetch(address, {
        method: "POST",
        body,
        headers: { "X-CSRFToken": csrf, Accept: "application/json", ...headers },
        redirect: "manual",
        credentials: "same-origin",
        signal: patience.signal,
      });
    } finally {
      clearTimeout(alarm);
    }
  };
  const refreshed = async () => {
    // A login in another window has changed the token of the page.
    const answer = await fetch(location.href, { credentials: "same-origin", redirect: "manual" });
    if (!answer.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector("[data-walk]");
    if (!found) return false;
    // Somebody else logged in on this phone: what was kept here is not hers to send.
    if (JSON.parse(found.dataset.walk || "null")?.account !== walk.account) return false;
    csrf = found.dataset.csrf;
    return true;
  };
  const deliver = async (address, body, headers) => {
    let answer = await post(address, body, headers);
    if (answer.status === 403 && await refreshed()) {
      answer = await post(address, body, headers);
    }
    if (answer.ok) return { arrived: true };
    if (answer.type === "opaqueredirect" || answer.status === 403) {
      return { stop: "登录过期了，请重新登录" };
    }
    if (answer.status === 404) return { refusal: "这一户不在名册上了，或者您看不到它。" };
    if (answer.status === 413) return { refusal: "太大了，请先压缩，或者截图后再传。" };
    if (answer.status === 400) return { refusal: await sentenceOf(answer) };
    // The site's turn to recover; a 500 may be about this one alone.
    return { next: answer.status === 500 };
  };
  const sentenceOf = async (answer) => {
    try {
      return (await answer.json()).sentence;
    } catch {
      return "网站没有收下，请再试一次。";
    }
  };
  const sendEntries = async () => {
    for (const entry of await mine()) {
      if (entry.refusal) continue;
      const body = JSON.stringify({
        token: entry.token,
        household: entry.household,
        kind: entry.kind,
        inspected_on: entry.day,
        scores: entry.scores,
        mend_by: entry.mendBy,
        remark: entry.remark,
      });
      const result = await deliver(entry.send, body, { "Content-Type": "application/json" });
      if (result.arrived) {
        for (const photo of await all("photos")) {
          if (photo.token === entry.token) await put("photos", { ...photo, ready: true });
        }
        await drop("entries", entry.token);
      } else if (result.refusal) {
        await put("entries", { ...entry, refusal: result.refusal });
      } else if (!result.next) {
        if (result.stop) stopped = result.stop;
        return false;
      }
      await tell();
    }
    return true;
  };
  const sendPhotos = async () => {
    for (const photo of await all("photos")) {
      if (photo.account !== walk.account || !photo.ready || photo.refusal) continue;
      const body = new FormData();
      body.append("token", photo.token);
      body.append("key", photo.key);
      body.append("image", photo.image, "photo.jpg");
      const result = await deliver(photo.address, body);
      // A picture that is none will not become one by being sent again.
      if (result.refusal) await put("photos", { ...photo, refusal: result.refusal });
      else if (result.arrived) await drop("photos", photo.key);
      else if (!result.next) return;
      await tell();
    }
  };
  let isWanted = false;
  const send = async () => {
    // Asked for while the last try is still failing: the network may be back by now.
    isWanted = true;
    if (isSending) return;
    isSending = true;
    isWanted = false;
    stopped = "";
    try {
      if (await sendEntries()) await sendPhotos();
    } catch {
      // No network: the entries are where they were, and the next try finds them.
    } finally {
      isSending = false;
      await tell();
    }
    if (isWanted) send();
  };

  const keep = async () => {
    const one = walk.households[place];
    const scores = {};
    for (const criterion of walk.criteria) {
      const input = chosen(criterion);
      if (input) scores[criterion.id] = criterion.veto ? 1 : Number(input.value);
    }
    const token = newToken();
    const label = `${one.number} 号户`;
    const file = part("photo").files[0];
    const key = newToken();
    try {
      if (file) {
        await put("photos", {
          key, token, label, image: file, ready: false,
          account: walk.account, address: walk.photo,
        });
      }
      await put("entries", {
        token, household: one.id, kind: walk.kind, day: today(), scores,
        mendBy: part("mend").value, remark: part("remark").value,
        label, send: walk.send, account: walk.account, made: Date.now(),
      });
    } catch {
      // A photo without its entry would wait for ever.
      await drop("photos", key).catch(() => {});
      status.textContent = "这部手机存不下了，请先等前面的发出，再记这一户。";
      status.classList.add("is-waiting");
      return;
    }
    one.done = today();
    go(place + 1);
    await tell();
    send();
  };

  drawCriteria();
  root.querySelector(".walk-jump").hidden = !walk.households.length;
  walk.households.forEach((one, number) => {
    const option = element("option", `${one.number} 号 ${one.name}${isDone(one) ? "（评过）" : ""}`);
    option.value = String(number);
    part("jump").append(option);
  });
  card.addEventListener("change", add);
  part("jump").addEventListener("change", (event) => go(Number(event.target.value)));
  next.addEventListener("click", () => {
    // Twice tapped is once meant.
    if (next.disabled) return;
    next.disabled = true;
    keep();
  });
  part("skip").addEventListener("click", () => go(place + 1));
  part("back").addEventListener("click", () => go(place - 1));
  window.addEventListener("online", send);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) send(); });
  setInterval(send, EVERY);
  (async () => {
    // What was kept before the page was opened anew counts as done.
    for (const entry of await mine()) {
      const one = walk.households.find((other) => other.id === entry.household);
      if (one && entry.day === today() && entry.kind === walk.kind && !entry.refusal) {
        one.done = entry.day;
      }
    }
    const first = walk.households.findIndex((one) => !isDone(one));
    go(first < 0 ? walk.households.length : first);
    await tell();
    send();
  })();
})();
