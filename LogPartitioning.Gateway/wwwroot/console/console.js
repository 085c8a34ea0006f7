// What the pages do in the browser. Each element is told by its attributes what to show: the server has made them from the API's answers.
import './time.js';
import './live.js';
import './chart.js';
import './heatmap.js';
import './actions.js';
import './tail.js';

document.addEventListener('click', event => {
  if (event.target.closest('[data-theme-switch]')) {
    globalThis.Blazor?.theme?.switchTheme();
  }
});
