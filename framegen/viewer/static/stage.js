// The two pictures and the divider between them.

const stage = document.getElementById("stage");
const split = document.getElementById("split");
const canvases = [document.getElementById("source"), document.getElementById("restyled")];
const contexts = canvases.map((canvas) => canvas.getContext("2d", { alpha: false }));
const corners = [stage.querySelector(".corner-left"), stage.querySelector(".corner-right")];
const full = document.getElementById("full");
const remembered = "framegen.split";

/** Where the divider was left. A browser that keeps nothing for sites raises at the very name of its store. */
const memory = {
  get() { try { return sessionStorage.getItem(remembered); } catch { return null; } },
  set(value) { try { sessionStorage.setItem(remembered, value); } catch { /* it stays where it is until a reload */ } },
};

function moveSplit() {
  const share = split.value / 1000;
  stage.style.setProperty("--split", `${share * 100}%`);
  split.setAttribute("aria-valuetext", `${Math.round(share * 100)} % engine, ${Math.round(100 - share * 100)} % restyled`);
  corners[0].style.opacity = share > 0.1 ? 1 : 0;
  corners[1].style.opacity = share < 0.9 ? 1 : 0;
}

function toggleFull() {
  if (document.fullscreenElement) document.exitFullscreen();
  else stage.requestFullscreen?.();
}

split.addEventListener("input", moveSplit);
split.addEventListener("change", () => memory.set(split.value));
split.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -20, ArrowDown: -20, ArrowRight: 20, ArrowUp: 20, PageDown: -100, PageUp: 100 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  split.value = Number(split.value) + step;
  moveSplit();
});
full.hidden = !stage.requestFullscreen; // phones that have it for videos alone
full.addEventListener("click", toggleFull);
stage.addEventListener("dblclick", toggleFull);
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input[type=text], select");
  if (event.key.toLowerCase() === "f" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) toggleFull();
});
split.value = memory.get() ?? 500;
moveSplit();

/** Draw a packed pair: header length, header, two JPEGs. Resolves to the header. */
export async function drawPair(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  let at = 4 + length;
  const pictures = await Promise.all(header.bytes.map((size) => {
    const blob = new Blob([new Uint8Array(buffer, at, size)], { type: "image/jpeg" });
    at += size;
    return createImageBitmap(blob);
  }));
  pictures.forEach((picture, index) => {
    const canvas = canvases[index];
    if (canvas.width !== picture.width || canvas.height !== picture.height) {
      canvas.width = picture.width;
      canvas.height = picture.height;
      stage.style.setProperty("--ratio", `${picture.width} / ${picture.height}`);
    }
    contexts[index].drawImage(picture, 0, 0);
    picture.close();
  });
  stage.dataset.seen = "";
  stage.dataset.frame = header.frame_id;
  return header;
}
