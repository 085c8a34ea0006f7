// What the pages do in the browser. Each element is told by its attributes what to show: the server has made them from the API's answers.
import './time.js';
import './live.js';
import './chart.js';
import './heatmap.js';
import './actions.js';
import './tail.js';
import './sort.js';

document.addEventListener('click', event => {
  if (event.target.closest('[data-theme-switch]')) {
    globalThis.Blazor?.theme?.switchTheme();
  }
});

// Our own colours follow what is chosen, not the system. A sheet, since an attribute would go when a page is merged into the one that is shown.
const scheme = new CSSStyleSheet();
document.adoptedStyleSheets.push(scheme);
const follow = dark => scheme.replaceSync(`:root { color-scheme: ${dark ? 'dark' : 'light'}; }`);
document.body.addEventListener('themeChanged', event => follow(event.detail.isDark));
if (globalThis.Blazor?.theme) {
  follow(document.body.dataset.theme === 'dark');
}
