# SPDX-License-Identifier: Apache-2.0
"""The page that `live_page` serves, without anything from elsewhere."""

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>vla_ros</title>
<link rel="icon" href="data:,">
<style>
  body { background: #181818; color: #eee; font: 16px system-ui, sans-serif;
         margin: 1.5rem auto; max-width: 880px; }
  img { width: 100%; border-radius: 6px; }
  form { display: flex; gap: .5rem; margin: .8rem 0; }
  input { flex: 1; min-width: 4rem; padding: .5rem; font: inherit; background: #2a2a2a;
          color: inherit;          border: 1px solid #555; border-radius: 4px; }
  button { padding: .5rem 1rem; font: inherit; border: 0; border-radius: 4px; background: #3b6ea8;
           color: #fff; }
  button.stop { background: #a33; }
  dl { display: grid; grid-template-columns: 8rem 1fr; gap: .2rem; }
  dt { color: #999; } dd { margin: 0; }
</style>
<h1>vla_ros</h1>
<img id="cameras" alt="overview, front and wrist camera">
<form id="say"><input id="text" aria-label="instruction"
  placeholder="a sentence, for example: pick up the red cube" maxlength="200">
  <button>Do it</button><button type="button" class="stop" id="stop">Stop</button></form>
<form id="scene"><input id="seed" aria-label="seed" type="number" min="0" value="7003">
  <button>New scene</button></form>
<dl><dt>cubes here</dt><dd id="cubes"></dd>
  <dt>instruction</dt><dd id="instruction"></dd><dt>policy</dt><dd id="policy"></dd>
  <dt>controller</dt><dd id="controller"></dd><dt>latency</dt><dd id="latency"></dd></dl>
<p id="problem" role="alert"></p>
<script>
const byId = id => document.getElementById(id);
const post = async (path, body) => {
  const answer = await fetch(path, { method: "POST", body });
  byId("problem").textContent = answer.ok ? "" : answer.status + " " + answer.statusText;
};
byId("say").onsubmit = event => {
  event.preventDefault();
  post("/instruction", byId("text").value);
};
byId("stop").onclick = () => post("/instruction", "");
byId("scene").onsubmit = event => {
  event.preventDefault();
  post("/reset", byId("seed").value);
};
window.onload = () => { byId("cameras").src = "/stream"; };
setInterval(async () => {
  try {
    const now = await (await fetch("/status")).json();
    byId("cubes").textContent = now.cubes.join(", ");
    byId("instruction").textContent = now.instruction || "none";
    byId("policy").textContent = [now.policy, ...now.waiting_for].join("; ");
    byId("controller").textContent = now.controller + (now.reason ? ": " + now.reason : "");
    byId("latency").textContent =
      now.latency_ms === null ? "" : now.latency_ms + " ms from picture to command";
  } catch { byId("problem").textContent = "the program has ended"; }
}, 300);
</script>
</html>
"""
