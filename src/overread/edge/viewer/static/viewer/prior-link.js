// Scrolling one stack moves the others: by position along the scan's normal, in mm. Within one frame of reference the
// positions are the same space; in a prior they are not, so its viewport says "linked by position, not registered".
// The link may be undone, scrolled apart and made again: the difference then stays.

import { dot } from './viewports.js';

const PARALLEL = 0.95; // cosine of about 18 degrees
const WORDS = 'linked by position, not registered';

export class PriorLink {
  constructor({ viewports }) {
    this.viewports = viewports;
    this.on = true;
    this.offsets = new Map(); // study pair -> mm
    this.moving = false;
  }

  toggle() {
    this.on = !this.on;
    if (this.on) {
      this.keepDifference();
    }
    this.label();
    return this.on;
  }

  /** A stack shows a new image. */
  moved(viewport) {
    if (!this.on || this.moving || viewport.id !== this.viewports.activeId || this.viewports.isVolume(viewport.id)) {
      return;
    }
    const from = this.state(viewport);
    if (!from) {
      return;
    }
    this.moving = true;
    Promise.all(this.others(viewport).map(other => this.follow(from, other))).finally(() => {
      this.moving = false;
    });
  }

  others(viewport) {
    return this.viewports.ids
      .map(id => this.viewports.get(id))
      .filter(other => other && other.id !== viewport.id && !this.viewports.isVolume(other.id));
  }

  state(viewport) {
    const imageId = viewport.getCurrentImageId?.();
    const place = imageId && this.viewports.place(imageId);
    const study = this.viewports.displaySet(viewport.id)?.StudyInstanceUID;
    return place && study ? { ...place, study } : null;
  }

  async follow(from, viewport) {
    const now = this.state(viewport);
    if (!now || Math.abs(dot(from.normal, now.normal)) < PARALLEL) {
      return;
    }
    const sign = Math.sign(dot(from.normal, now.normal));
    const aim = sign * (from.at + (this.offsets.get(`${from.study} ${now.study}`) ?? 0));
    const nearest = this.nearest(viewport, aim);
    if (nearest && nearest.index !== viewport.getCurrentImageIdIndex()) {
      await viewport.setImageIdIndex(nearest.index);
    }
  }

  /** The image nearest to a position, or null if the stack does not reach it. */
  nearest(viewport, aim) {
    const places = viewport
      .getImageIds()
      .map((imageId, index) => ({ index, at: this.viewports.place(imageId)?.at }))
      .filter(place => place.at !== undefined);
    if (places.length < 2) {
      return null;
    }
    const positions = places.map(place => place.at).sort((a, b) => a - b);
    const step = (positions.at(-1) - positions[0]) / (positions.length - 1) || 1;
    const best = places.reduce((a, b) => (Math.abs(b.at - aim) < Math.abs(a.at - aim) ? b : a));
    return Math.abs(best.at - aim) <= 2 * step ? best : null;
  }

  /** Take the present difference between the active stack and the others as the link's own. */
  keepDifference() {
    const active = this.viewports.get();
    const from = active && this.state(active);
    if (!from) {
      return;
    }
    for (const other of this.others(active)) {
      const now = this.state(other);
      if (now && now.study !== from.study) {
        const sign = Math.sign(dot(from.normal, now.normal)) || 1;
        this.offsets.set(`${from.study} ${now.study}`, sign * now.at - from.at);
        this.offsets.set(`${now.study} ${from.study}`, sign * from.at - now.at);
      }
    }
  }

  restart() {
    this.offsets.clear();
    this.on = true;
  }

  /** Write on every viewport what it shows: "Prior, 2 Mar 2024", and how it is linked. */
  label() {
    for (const id of this.viewports.ids) {
      const element = this.viewports.get(id)?.element;
      const study = window.overread.studies.find(
        each => each.uid === this.viewports.displaySet(id)?.StudyInstanceUID
      );
      if (element) {
        this.write(element, 'overread-link', study?.role === 'prior' && !this.viewports.isVolume(id) && this.on && WORDS);
        this.write(element, 'overread-role', study?.role === 'prior' && `Prior ${study.words ?? ''}`.trim());
      }
    }
  }

  write(element, className, words) {
    let mark = element.querySelector(`.${className}`);
    if (!words) {
      mark?.remove();
      return;
    }
    if (!mark) {
      mark = document.createElement('div');
      mark.className = className;
      element.append(mark);
    }
    mark.textContent = words;
  }
}
