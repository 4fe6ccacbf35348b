// The part of time that is shown.

const SHORTEST = 100; // ns

class TimeWindow {
  /** @param {number} first @param {number} last where time begins and ends [ns] @param {number[]} view shown first */
  constructor(first, last, view) {
    Object.assign(this, { first, last: Math.max(last, first + SHORTEST) });
    this.show(...view);
  }

  /** Show from when to when [ns], as far as there is time. */
  show(from, until) {
    const whole = this.last - this.first;
    const long = Math.min(Math.max(until - from, SHORTEST), whole);
    this.from = Math.min(Math.max(from, this.first), this.last - long);
    this.until = this.from + long;
  }

  get long() {
    return this.until - this.from;
  }

  get isWhole() {
    return this.long >= (this.last - this.first) * (1 - 1e-9);
  }

  /** @param {number} factor above 1 shows more @param {number} ns what stays where it is */
  zoom(factor, ns = (this.from + this.until) / 2) {
    const long = Math.min(Math.max(this.long * factor, SHORTEST), this.last - this.first);
    const share = (ns - this.from) / this.long;
    this.show(ns - share * long, ns - share * long + long);
  }

  /** @param {number} share of what is shown; above 0 is later */
  pan(share) {
    this.show(this.from + share * this.long, this.until + share * this.long);
  }

  /** Move as little as needed to show from when to when [ns]; a span longer than the window is shown from its start. */
  reveal(from, until) {
    if (until - from > this.long) this.show(from, from + this.long);
    else if (from < this.from) this.show(from - 0.1 * this.long, from + 0.9 * this.long);
    else if (until > this.until) this.show(until - 0.9 * this.long, until + 0.1 * this.long);
  }
}
