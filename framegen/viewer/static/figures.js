// Live figures: numbers, the latency line, and where a frame's time goes.

const colors = ["#f4b15c", "#6fb7e9", "#63d297", "#c79af0", "#ef8e7d", "#7c8796", "#d9d27a", "#59c7c0"];
const spark = document.getElementById("spark");
const history = [];
const kept = 120;
const staleMs = 3000; // as long as the figures look back
let stale = 0;
const of = (id) => document.getElementById(id);

function milliseconds(value) {
  if (value === undefined || value === null) return "–";
  return `${value < 100 ? value.toFixed(1) : Math.round(value)}<small>ms</small>`;
}

function drawSpark() {
  const context = spark.getContext("2d");
  const { width, height } = spark;
  context.clearRect(0, 0, width, height);
  if (history.length < 2) return;
  const top = Math.max(20, ...history.map((entry) => entry.p95)) * 1.15;
  const x = (index) => ((index + kept - history.length) / (kept - 1)) * width;
  const y = (value) => height - 2 - (value / top) * (height - 6);
  const line = (key) => {
    context.beginPath();
    history.forEach((entry, index) => context[index ? "lineTo" : "moveTo"](x(index), y(entry[key])));
  };
  line("p95");
  context.lineTo(width, height);
  context.lineTo(x(0), height);
  context.fillStyle = "#f4b15c18";
  context.fill();
  line("p50");
  context.strokeStyle = "#f4b15c";
  context.lineWidth = 3;
  context.lineJoin = "round";
  context.stroke();
}

/** Another session: the line begins anew, and no number is left of the last one. */
export function forgetFigures() {
  history.length = 0;
  drawSpark();
  showFigures({ fps: 0, latency_ms: null, stages_ms: {}, counts: { generated: 0, reprojected: 0, reused: 0, superseded: 0, lost: 0 } });
}

export function showFigures({ fps, latency_ms, stages_ms, counts }) {
  // A game that pauses sends no picture, and nothing counts them then.
  clearTimeout(stale);
  stale = setTimeout(() => { of("fps").textContent = "–"; }, staleMs);
  of("fps").textContent = fps > 0 ? (fps < 10 ? fps.toFixed(1) : Math.round(fps)) : "–";
  of("p50").innerHTML = milliseconds(latency_ms?.p50);
  of("p95").innerHTML = milliseconds(latency_ms?.p95);
  if (latency_ms) {
    history.push(latency_ms);
    history.splice(0, history.length - kept);
    drawSpark();
  }
  for (const [name, count] of Object.entries(counts ?? {})) {
    const cell = of(name);
    if (cell) cell.textContent = count.toLocaleString("en");
  }
  showStages(stages_ms ?? {});
}

function showStages(stages) {
  const names = Object.keys(stages);
  const bar = of("stages");
  const legend = of("legend");
  if (bar.dataset.names !== names.join()) {
    bar.dataset.names = names.join();
    bar.replaceChildren(...names.map((name, index) => {
      const part = document.createElement("i");
      part.style.background = colors[index % colors.length];
      part.title = name;
      return part;
    }));
    legend.replaceChildren(...names.map((name, index) => {
      const item = document.createElement("li");
      const dot = document.createElement("i");
      dot.style.background = colors[index % colors.length];
      item.append(dot, name, document.createElement("b"));
      return item;
    }));
  }
  names.forEach((name, index) => {
    bar.children[index].style.flexGrow = Math.max(0.001, stages[name]);
    legend.children[index].lastChild.textContent = `${stages[name].toFixed(1)} ms`;
  });
}
