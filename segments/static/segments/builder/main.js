import { Builder } from "./builder.js";
import { gallery } from "./gallery.js";

const settings = JSON.parse(document.getElementById("builder-settings").textContent);
new Builder(document.getElementById("rule-builder"), settings);
gallery(document.querySelector(".gallery"), settings);
