// Connects the page to its server: pictures in, settings out.

import { forgetFigures, showFigures } from "./figures.js";
import { drawPair } from "./stage.js";

const of = (id) => document.getElementById(id);
const stage = of("stage");
const prompt = of("prompt");
const sliders = { intensity: of("intensity"), strength: of("strength") };
const debounceMs = 200;
const names = { connecting: "Connecting", waiting: "Waiting", live: "Live", lost: "Disconnected", failed: "Stopped" };
const says = {
  connecting: "Connecting to the framegen server…",
  waiting: "Waiting for the first frame…",
  lost: "The framegen server is gone. Waiting for it to come back…",
  failed: "This cannot go on.",
};

let socket = null;
let retryMs = 300;
let presets = [];
let watched = null;
let inForce = null;
let pending = {};
let timer = 0;

function show(state, detail = "", about = {}) {
  stage.dataset.state = of("pill").dataset.state = state;
  of("pill-text").textContent = names[state] ?? state;
  of("veil-text").textContent = says[state] ?? "";
  of("veil-detail").textContent = detail;
  of("about").textContent = Object.values(about).filter(Boolean).join("  ·  ");
}

function connect() {
  const address = new URL("/socket", location.href);
  address.protocol = "ws:";
  address.search = location.search;
  socket = new WebSocket(address);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => { retryMs = 300; };
  socket.onmessage = ({ data }) => (typeof data === "string" ? take(JSON.parse(data)) : draw(data));
  socket.onclose = ({ reason }) => {
    if (stage.dataset.state !== "failed") { // else the page says why it ended, and goes on saying so
      show("lost", reason || "The program that serves this page has ended; start it again and this page goes on.");
      of("veil-text").textContent = reason ? "Too many pages." : "Connection lost.";
    }
    setTimeout(connect, retryMs);
    retryMs = Math.min(3000, retryMs * 1.6);
  };
}

async function draw(buffer) {
  try {
    await drawPair(buffer);
  } catch (error) {
    console.warn("A picture could not be drawn.", error);
  }
  // A hidden page fetches one picture a second: the tab stays fresh and costs nothing.
  if (document.hidden) await new Promise((done) => setTimeout(done, 1000));
  say({ type: "ack" });
}

function take(message) {
  if (message.type === "hello") {
    document.title = message.title;
    presets = message.presets;
    showPresets();
  } else if (message.type === "channels") showChannels(message);
  else if (message.type === "state") show(message.state, message.detail, message.about);
  else if (message.type === "settings") showSettings(message);
  else if (message.type === "figures") showFigures(message);
  else if (message.type === "error") toast(message.message);
}

function say(message) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

// ---------------------------------------------------------------- settings

function change(changes, soon = false) {
  Object.assign(pending, changes);
  clearTimeout(timer);
  timer = setTimeout(flush, soon ? 0 : debounceMs);
}

function flush() {
  // What is changed while nobody can hear of it waits for the connection.
  if (socket?.readyState !== WebSocket.OPEN || watched === null || !Object.keys(pending).length) return;
  say({ type: "settings", changes: pending });
  if (inForce) inForce = { ...inForce, settings: { ...inForce.settings, ...pending } };
  pending = {};
}

function showSettings(message) {
  inForce = message;
  const { settings, understood, ignored } = message;
  // What a person is just changing is theirs; everything else follows the server.
  const theirs = (box, name) => name in pending || (document.hasFocus() && document.activeElement === box);
  if (!theirs(prompt, "prompt")) prompt.value = settings.prompt;
  for (const [name, slider] of Object.entries(sliders)) {
    if (!theirs(slider, name)) slider.value = settings[name];
    showSlider(name);
  }
  const sun = settings.sun === "prompt" ? "prompt" : "light";
  document.querySelector(`input[name=sun][value=${sun}]`).checked = true;
  showWords(understood, ignored);
  markPreset();
}

function showSlider(name) {
  const share = Number(sliders[name].value);
  const text = `${Math.round(share * 100)} %`;
  sliders[name].style.setProperty("--at", share);
  sliders[name].setAttribute("aria-valuetext", text);
  of(`${name}-value`).textContent = text;
}

function showWords(understood, ignored) {
  const line = of("words");
  line.replaceChildren();
  const add = (tag, text) => {
    const word = document.createElement(tag);
    word.textContent = text;
    line.append(word);
  };
  if (understood.length) line.append("Understood");
  understood.forEach((word) => add("span", word));
  if (ignored.length) line.append("not known to this model");
  ignored.forEach((word) => add("s", word));
}

function showPresets() {
  of("presets").replaceChildren(...presets.map((preset) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = preset.name;
    button.title = preset.prompt;
    button.addEventListener("click", () => {
      prompt.value = preset.prompt;
      change({ prompt: preset.prompt }, true);
      markPreset();
    });
    return button;
  }));
  markPreset();
}

function markPreset() {
  [...of("presets").children].forEach((button, index) => {
    button.setAttribute("aria-pressed", presets[index].prompt === prompt.value.trim());
  });
}

function showChannels({ channels, watching }) {
  // After a lost connection the server begins with its first session: back to the one that this page showed.
  if (watching !== watched && channels.some(({ name }) => name === watched)) {
    say({ type: "watch", channel: watched });
    return;
  }
  if (watching !== watched) {
    if (watched !== null) pending = {}; // meant for a session that is over
    watched = watching;
    forgetFigures();
    showWords([], []);
  }
  flush();
  const choice = of("channel");
  choice.replaceChildren(...channels.map(({ name, title }) => new Option(title, name, false, name === watching)));
  choice.closest("label").hidden = channels.length < 2;
  if (!channels.length) show("waiting", "No program is connected.");
}

let toastTimer = 0;
function toast(text) {
  const box = of("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { box.hidden = true; }, 5000);
}

prompt.addEventListener("input", () => { change({ prompt: prompt.value }); markPreset(); });
prompt.addEventListener("keydown", (event) => { if (event.key === "Enter") change({ prompt: prompt.value }, true); });
for (const box of [prompt, ...Object.values(sliders)]) {
  // What others changed meanwhile shows as soon as nobody is at it.
  box.addEventListener("blur", () => { if (inForce) showSettings(inForce); });
}
for (const [name, slider] of Object.entries(sliders)) {
  slider.addEventListener("input", () => { showSlider(name); change({ [name]: Number(slider.value) }); });
}
document.querySelectorAll("input[name=sun]").forEach((radio) => {
  radio.addEventListener("change", () => change({ sun: radio.value }, true));
});
of("channel").addEventListener("change", ({ target }) => {
  flush(); // what was typed just now is for the session that it was typed at
  delete stage.dataset.seen;
  watched = target.value;
  forgetFigures();
  say({ type: "watch", channel: watched });
});
show("connecting");
connect();
