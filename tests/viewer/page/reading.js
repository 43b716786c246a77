// A reading page that does nothing but keep what the viewer says.
import { toViewer } from '/static/viewer/bridge.js';

window.heard = [];
window.told = [];
window.mismatches = [];
window.readId = window.location.pathname.split('/')[2];
window.bridge = toViewer({
  viewer: () => document.querySelector('#viewer').contentWindow,
  read: () => window.readId,
  handlers: { '*': message => {
    window.heard.push(message);
    window.told.push(message);
  } },
  onMismatch: (theirs, mine) => window.mismatches.push([theirs, mine]),
});
