// Every page: whether it still shows the case that the app works on, and how far long work is.
const own = document.body.dataset;
const cookie = () => document.querySelector("input[name=_xsrf]").value;
let shown = "";

async function look() {
  let told;
  try {
    const answer = await fetch("/state", { headers: { "X-Shown": own.case } });
    if (!answer.ok) return;
    told = await answer.json();
  } catch { return; }
  if (told.case !== own.case) {
    const said = document.getElementById("other");
    said.textContent = told.says;
    said.hidden = false;
    document.body.classList.add("other");
    for (const part of document.querySelectorAll("main > :not(#other)")) part.inert = true;
    return;
  }
  const now = JSON.stringify(told.jobs.map((one) => [one.number, one.state]));
  if (shown && now !== shown && document.getElementById("jobs")) { location.reload(); return; }
  shown = now;
  for (const one of told.jobs) {
    const row = document.querySelector(`[data-job="${one.number}"]`);
    if (!row) continue;
    row.querySelector("progress").value = one.share;
    row.querySelector(".stage").textContent = one.stage;
  }
}

for (const field of document.querySelectorAll("[data-sends]")) field.addEventListener("change", () => field.form.submit());
for (const field of document.querySelectorAll("[data-names]")) {
  const told = field.parentElement.querySelector("[data-none]");
  field.addEventListener("change", () => { told.textContent = field.files[0]?.name ?? told.dataset.none; });
}
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
setInterval(look, 1500);
look();
globalThis.spmcApp = { cookie };
