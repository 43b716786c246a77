// What the reader can do, by name: the keys, the bar and the reading page all ask for the same things.

import { counterpart, firstOf, priorsOf, roleOf } from './hanging.js';
import { keyImage } from './key-image.js';
import { presetsOf } from './presets.js';
import { refusalOf } from './stack-shape.js';

const GROUPS = ['default', 'mpr'];
const SLAB_MM = 10;
const COMMANDS = new Set(
  ('use window invert reset scroll toEnd series mpr prior nextPrior hang linked cross oneUp cine slab unseen jump goto ' +
    'keyImage').split(' ')
);

export class Hands {
  constructor({ viewports, coverage, link, measurements, send, servicesManager }) {
    Object.assign(this, { viewports, coverage, link, measurements, send });
    this.services = servicesManager.services;
    this.tool = 'WindowLevel';
    this.changed = () => {};
    this.say = () => {};
  }

  /** Do one thing. Unknown names do nothing and return false. */
  run(name, value) {
    const does = COMMANDS.has(name) && this[name];
    if (!does) {
      return false;
    }
    this.say('');
    const result = does.call(this, value);
    this.changed();
    return result ?? true;
  }

  use(tool) {
    this.tool = tool;
    this.viewports.run('setToolActiveToolbar', { toolName: tool, toolGroupIds: GROUPS });
  }

  window(index) {
    const preset = presetsOf(this.viewports.modality())[index];
    const viewport = this.viewports.get();
    if (!preset || !viewport) {
      return false;
    }
    const [, width, center] = preset;
    const range = viewport.getProperties().voiRange;
    if (width === null) {
      viewport.resetProperties?.();
    } else if (typeof width === 'string' && range) {
      const middle = (range.upper + range.lower) / 2;
      const half = ((range.upper - range.lower) / 2) * Number(width.slice(1));
      viewport.setProperties({ voiRange: { lower: middle - half, upper: middle + half } });
    } else {
      this.viewports.run('setWindowLevel', { windowWidth: width, windowCenter: center });
    }
    viewport.render();
    return true;
  }

  invert() {
    this.viewports.run('invertViewport');
  }

  reset() {
    this.viewports.run('resetViewport');
  }

  scroll(direction) {
    this.viewports.run(direction > 0 ? 'nextImage' : 'previousImage');
  }

  toEnd(end) {
    this.viewports.run(end === 'first' ? 'firstImage' : 'lastImage');
  }

  /** The next or previous series of the study that the active viewport shows. */
  series(step) {
    const now = this.viewports.displaySet();
    const sets = this.services.displaySetService
      .getActiveDisplaySets()
      .filter(set => set.StudyInstanceUID === now?.StudyInstanceUID && set.numImageFrames > 0)
      .sort((a, b) => (a.SeriesNumber ?? 0) - (b.SeriesNumber ?? 0));
    const next = sets[sets.indexOf(now) + step];
    return next ? this.show(this.viewports.activeId, next) : false;
  }

  show(viewportId, displaySet) {
    this.viewports.run('setDisplaySetsForViewports', {
      viewportsToUpdate: [{ viewportId, displaySetInstanceUIDs: [displaySet.displaySetInstanceUID] }],
    });
    return true;
  }

  get hanging() {
    return this.services.hangingProtocolService.getState()?.protocolId ?? '';
  }

  mpr() {
    const hung = this.hanging;
    if (hung.startsWith('overread.mpr')) {
      return this.hang(this.before ?? 'overread.one');
    }
    const refusal = refusalOf(this.viewports);
    if (refusal) {
      this.say(refusal);
      return false;
    }
    this.before = hung;
    const range = this.viewports.get()?.getProperties().voiRange;
    const done = this.hang(counterpartWithPrior('overread.mpr', hung));
    this.keepWindow(range);
    return done;
  }

  /** Reformats begin with the window that the reader had chosen. Each has its pixels at a time of its own. */
  keepWindow(voiRange, tries = 50) {
    const volumes = this.viewports.ids.filter(id => this.viewports.isVolume(id)).map(id => this.viewports.get(id));
    const ready = volumes.length > 0 && volumes.every(viewport => viewport.getProperties()?.voiRange);
    if (voiRange && ready) {
      volumes.forEach(viewport => {
        viewport.setProperties({ voiRange });
        viewport.render();
      });
    } else if (voiRange && tries > 0) {
      setTimeout(() => this.keepWindow(voiRange, tries - 1), 100);
    }
  }

  /** Prior on and off. */
  prior() {
    const other = counterpart(this.hanging);
    return priorsOf().length > 0 && other ? this.hang(other) : false;
  }

  /** Show the next of several priors where the prior is shown. */
  nextPrior() {
    const id = this.viewports.ids.find(each => roleOf(this.viewports.displaySet(each)?.StudyInstanceUID) === 'prior');
    const priors = priorsOf().map(study => study.uid);
    const now = id && this.viewports.displaySet(id);
    const next = now && priors[(priors.indexOf(now.StudyInstanceUID) + 1) % priors.length];
    const set = this.services.displaySetService
      .getActiveDisplaySets()
      .filter(each => each.StudyInstanceUID === next && each.numImageFrames > 0)
      .sort((a, b) => b.numImageFrames - a.numImageFrames)[0];
    return set ? this.show(id, set) : false;
  }

  hang(protocolId) {
    const done = this.viewports.run('setHangingProtocol', { protocolId, stageIndex: 0 });
    this.first = firstOf(protocolId);
    return done;
  }

  /** Once a protocol hangs, its first viewport is the one that keys act on. */
  activateFirst() {
    if (this.first && this.hanging && this.viewports.ids.includes(this.first)) {
      this.services.viewportGridService.setActiveViewportId(this.first);
      this.first = null;
    }
  }

  linked() {
    return this.link.toggle();
  }

  cross() {
    this.viewports.run('toggleActiveDisabledToolbar', { itemId: 'Crosshairs', toolGroupIds: ['mpr'] });
  }

  oneUp() {
    this.viewports.run('toggleOneUp');
  }

  cine() {
    if ((this.viewports.get()?.getImageIds?.().length ?? 0) < 2) {
      return false;
    }
    const { cineService } = this.services;
    const id = this.viewports.activeId;
    const playing = Boolean(cineService.getState().cines?.[id]?.isPlaying);
    if (!cineService.getState().isCineEnabled) {
      this.viewports.run('toggleCine');
    }
    cineService.setCine({ id, isPlaying: !playing, frameRate: 12 });
  }

  /** Average of a slab in every reformat; step +1 or -1 changes it by 5 mm, 0 turns it on and off. */
  slab(step) {
    const { AVERAGE_INTENSITY_BLEND, COMPOSITE } = window.cornerstone.Enums.BlendModes;
    const was = this.slabMm ?? 0;
    const now = step === 0 ? (was ? 0 : SLAB_MM) : Math.max(0, Math.min(60, was + 5 * step));
    this.slabMm = now;
    for (const id of this.viewports.ids.filter(each => this.viewports.isVolume(each))) {
      const viewport = this.viewports.get(id);
      viewport.setBlendMode(now ? AVERAGE_INTENSITY_BLEND : COMPOSITE, [], false);
      viewport.setSlabThickness(now || 0.05);
      viewport.render();
    }
    return true;
  }

  /** Go to the next image of the active series that has not been displayed. */
  unseen() {
    const viewport = this.viewports.get();
    const imageIds = viewport?.getImageIds?.() ?? [];
    const from = viewport?.getCurrentImageIdIndex?.() ?? 0;
    const order = [...imageIds.keys()].map(offset => (from + offset) % imageIds.length);
    const next = order.find(index => !this.coverage.has(imageIds[index]));
    return next === undefined ? false : this.jump(next);
  }

  jump(imageIndex) {
    this.viewports.run('jumpToImage', { imageIndex });
    return true;
  }

  /** Show one image by its UIDs, in the viewport that has its series, else in the active one. */
  goto({ series, sop, frame = 1 }) {
    const sets = this.services.displaySetService.getActiveDisplaySets();
    const set = sets.find(each => each.SeriesInstanceUID === series);
    if (!set) {
      return false;
    }
    const showing = this.viewports.ids.find(id => this.viewports.displaySet(id) === set && !this.viewports.isVolume(id));
    const id = showing ?? this.viewports.activeId;
    this.services.viewportGridService.setActiveViewportId(id);
    if (!showing) {
      this.show(id, set);
    }
    const wanted = `/instances/${sop}/frames/${frame}`;
    return this.whenShown(id, imageIds => imageIds.findIndex(imageId => imageId.endsWith(wanted)));
  }

  /** Once the viewport has its stack, go to the index that `find` returns. */
  whenShown(id, find, tries = 50) {
    const viewport = this.viewports.get(id);
    const index = find(viewport?.getImageIds?.() ?? []);
    if (index >= 0 && viewport.setImageIdIndex) {
      viewport.setImageIdIndex(index);
    } else if (tries > 0) {
      setTimeout(() => this.whenShown(id, find, tries - 1), 100);
    }
    return true;
  }

  /** Make a key image and send it; `insert` asks the page to put it into the text as well. */
  async keyImage(insert = false) {
    const made = await keyImage(this.viewports);
    if (made) {
      this.send('key-image', { ...made, insert, measurement: this.measurements.last });
    }
    return Boolean(made);
  }
}

function counterpartWithPrior(mpr, hung) {
  return /prior|pair/.test(hung) && priorsOf().length > 0 ? `${mpr}-prior` : mpr;
}
