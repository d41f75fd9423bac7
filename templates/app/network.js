// The network's page: the picture is drawn here, what is chosen in it is held by the server, which sends the rest.
import { mount } from "/static/network_view.js";

const part = (name) => document.getElementById(name);
const picture = part("picture");
let view = null, applying = false, revisions = {}, waiting = Promise.resolve();

function take(told) {
  if (told.says) { const said = part("other"); said.textContent = told.says; said.hidden = false; return; }
  revisions = told.revisions;
  for (const [name, html] of Object.entries(told.fields)) part(name).innerHTML = html;
  applying = true;
  try {
    if (view) for (const [key, value] of Object.entries(told.view)) view.set(key, value);
    else if (told.view.graph && !picture.hidden) view = mount(picture, { ...told.view, theme: "light" }, told_of);
  } finally { applying = false; }
}

function ask(body) {
  waiting = waiting.then(async () => {
    document.body.classList.add("busy");
    const answer = await fetch("/network/act", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-XSRFToken": globalThis.spmcApp.cookie() },
      body: JSON.stringify({ case: document.body.dataset.case, ...body }),
    });
    take(await answer.json());
  }).catch(() => {}).finally(() => document.body.classList.remove("busy"));
}

function told_of(key, value) { if (!applying) ask({ key, value }); }

function sent(form, button) {
  const values = {};
  for (const [name, value] of new FormData(form)) if (/^w\d+$/.test(name)) values[name.slice(1)] = value;
  const [number, place] = button?.name === "choose" ? button.value.split(":") : [];
  if (number !== undefined) ask({ part: form.dataset.part, revision: revisions[form.dataset.part], values: { [number]: place } });
  else ask({ part: form.dataset.part, revision: revisions[form.dataset.part], values, press: button ? Number(button.value) : null });
}

for (const form of document.querySelectorAll("form[data-part]")) {
  form.addEventListener("submit", (event) => { event.preventDefault(); sent(form, event.submitter); });
  form.addEventListener("change", (event) => { if (event.target.matches("select,input[type=checkbox]")) sent(form, null); });
}
ask({});
