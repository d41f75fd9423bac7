import { mount } from "../../../js/dist/network_view.js";

globalThis.draw = (element, graph) => { mount(element, { graph, small: true }); };
