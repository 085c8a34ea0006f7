// A time in the viewer's zone, with UTC on hover.
export const forms = {
  minute: new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
  date: new Intl.DateTimeFormat(undefined, { year: 'numeric', month: '2-digit', day: '2-digit' }),
  time: new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }),
  full: new Intl.DateTimeFormat(undefined, { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, hourCycle: 'h23' }),
};

export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

class TimeElement extends HTMLElement {
  static observedAttributes = ['value', 'form'];

  attributeChangedCallback() {
    const time = new Date(this.getAttribute('value'));
    if (!Number.isNaN(time.getTime())) {
      this.textContent = (forms[this.getAttribute('form')] ?? forms.time).format(time);
      this.title = `${this.getAttribute('value')} (UTC); shown in ${zone}`;
    }
  }
}

customElements.define('lp-time', TimeElement);
