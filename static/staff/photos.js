// Sends photos one at a time, shrunk here where the browser can; the text is saved
// already. Without this file a plain form sends one photo and the server shrinks it.
(() => {
  "use strict";
  const LONGEST_SIDE = 1600;
  const SMALL_ENOUGH = 400_000;
  const add = document.querySelector("[data-photo-add]");
  const list = document.querySelector("[data-photo-list]");
  if (!list) return;
  const problem = document.querySelector("[data-photo-error]");
  const count = document.querySelector("[data-photo-count]");
  const pickWords = document.querySelector("[data-photo-pick-words]");
  const MOST = 9;

  const say = (sentence) => {
    if (!problem) return;
    problem.textContent = sentence;
    problem.hidden = !sentence;
  };

  const shrunk = async (file) => {
    if (file.size <= SMALL_ENOUGH || !window.createImageBitmap) return file;
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const small = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return small && small.size < file.size ? small : file;
  };

  const send = async (address, fields) => {
    const answer = await fetch(address, {
      method: "POST",
      body: fields,
      headers: { Accept: "application/json" },
      credentials: "same-origin",
    });
    const isJson = answer.headers.get("Content-Type")?.includes("application/json");
    if (answer.redirected || (!isJson && answer.status !== 500)) {
      throw new Error("登录已过期，文字已经保存好了。请刷新页面登录后，再传这张照片。");
    }
    if (!isJson) throw new Error("照片没有传上去，请稍后再试一次。文字已经保存好了。");
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.error || "照片没有传上去，请再试一次。");
    return told;
  };

  const newKey = () => {
    if (window.crypto?.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const text = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };

  const tell = (told) => {
    if (count) count.textContent = told.count ? `${told.count} 张` : "选填";
    if (add) add.hidden = told.count >= MOST;
  };

  const NO_SIGNAL = "信号不好，照片没有传上去。文字已经保存好了，请换个地方再点一次重试。";

  if (add) {
    const input = add.querySelector("[type=file]");
    const words = pickWords.textContent;
    const retry = document.createElement("button");
    retry.type = "button";
    retry.className = "entry-button";
    retry.textContent = "重试这张照片";
    retry.hidden = true;
    add.append(retry);
    let waiting = null;

    const upload = async () => {
      if (!waiting || add.getAttribute("aria-busy") === "true") return;
      say("");
      retry.hidden = true;
      add.setAttribute("aria-busy", "true");
      pickWords.textContent = "正在上传…";
      try {
        const fields = new FormData(add);
        fields.set("key", waiting.key);
        fields.set("image", await shrunk(waiting.file).catch(() => waiting.file), "photo.jpg");
        const told = await send(add.action, fields);
        if (!document.getElementById(idOf(told.html))) list.insertAdjacentHTML("beforeend", told.html);
        tell(told);
        waiting = null;
      } catch (error) {
        say(error instanceof TypeError ? NO_SIGNAL : error.message);
        retry.hidden = !(error instanceof TypeError);
      } finally {
        add.removeAttribute("aria-busy");
        pickWords.textContent = words;
        input.value = "";
      }
    };
    const idOf = (html) => /id="(photo-\d+)"/.exec(html)?.[1] ?? "";

    add.addEventListener("change", (event) => {
      if (event.target !== input) return;
      // Unfold writes the file's name into the next text field it finds: a caption.
      event.stopPropagation();
      if (!input.files.length) return;
      // The key stays with the photo: sent again, it makes no second one.
      waiting = { file: input.files[0], key: newKey() };
      upload();
    }, true);
    retry.addEventListener("click", upload);
    add.addEventListener("submit", (event) => { event.preventDefault(); upload(); });
  }

  list.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-photo-form]");
    if (!form) return;
    event.preventDefault();
    const isRemoval = event.submitter?.name === "_remove";
    const fields = new FormData(form);
    if (isRemoval) fields.set("_remove", "1");
    say("");
    try {
      const told = await send(form.action, fields);
      const card = form.closest(".photo-card");
      if (isRemoval) card.remove();
      else card.outerHTML = told.html;
      tell(told);
    } catch (error) {
      say(error instanceof TypeError ? NO_SIGNAL : error.message);
    }
  });
})();
