// Which result is shown: each has its sections in a template, of which one stands in the page.

class Choice {
  /** @param {(section: HTMLElement) => void} mount makes a section work that was not shown before */
  constructor(mount) {
    Object.assign(this, { mount, kept: new Map() });
    const main = document.querySelector('main');
    for (const part of ['point', 'entry']) this[part] = main.dataset[part];
    this.select = document.getElementById('choose');
    this.select?.addEventListener('change', () => this.show(this.select.value));
    addEventListener('click', (event) => {
      const link = event.target.closest?.('a[data-entry]');
      if (link) this.show(link.dataset.entry); // and the link goes on to the plan
    });
  }

  /** @param {string} entry such as e3: its sections, and those of its point, are put in place of what is shown */
  show(entry) {
    const option = [...(this.select?.options ?? [])].find((each) => each.value === entry);
    if (!option || entry === this.entry) return;
    this.select.value = entry;
    this.swap('point', option.dataset.point);
    this.swap('entry', entry);
  }

  swap(part, name) {
    if (name === this[part]) return;
    const shown = [...document.querySelectorAll(`main > section[data-part="${part}"]`)];
    this.kept.set(this[part], shown);
    const sections = this.kept.get(name) ?? this.made(name);
    sections.forEach((section, at) => shown[at].replaceWith(section));
    this[part] = name;
  }

  made(name) {
    const sections = [...document.getElementById(name).content.cloneNode(true).querySelectorAll('section')];
    queueMicrotask(() => sections.forEach(this.mount));
    return sections;
  }
}
