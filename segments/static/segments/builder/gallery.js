// The ready segments: each is counted when it is asked for.

import { Asking } from "./asking.js";
import { counted } from "./words.js";

export function gallery(element, { urls, texts }) {
  const purpose = document.getElementById("id_purpose");
  const csrf = document.querySelector("[name=csrfmiddlewaretoken]").value;
  for (const button of element?.querySelectorAll("[data-rule]") ?? []) {
    const asking = new Asking(urls.check, { csrf });
    button.addEventListener("click", async () => {
      button.disabled = true;
      button.textContent = "…";
      const told = await asking.ask({ rule: JSON.parse(button.dataset.rule), purpose: button.dataset.purpose || purpose?.value }).catch(() => null);
      button.textContent = !told ? texts.failed : told.wrong ? texts.fillIn : counted(told.total, texts.people);
    });
  }
}
