// The extension: hanging protocols for the application, and the parts that make it the viewer of a reading room.

import { Bar } from './bar.js';
import { toPage } from './bridge.js';
import { Cases } from './cases.js';
import { Coverage } from './coverage.js';
import { Hands } from './hands.js';
import { kindOf, priorsOf, protocols, roleOf } from './hanging.js';
import { listen, meaningOf } from './keys.js';
import { Labels } from './labels.js';
import { Measurements } from './measurements.js';
import { nameOf, widthAndCenter } from './presets.js';
import { PriorLink } from './prior-link.js';
import { identify, Viewports } from './viewports.js';

class Room {
  constructor({ servicesManager, commandsManager }) {
    this.viewports = new Viewports({ servicesManager, commandsManager });
    this.services = servicesManager.services;
    const send = (type, values) => this.bridge.send(type, values);
    this.bridge = toPage({ read: () => this.cases?.read ?? null, handlers: this.handlers() });
    this.coverage = new Coverage({ viewports: this.viewports, send });
    this.link = new PriorLink({ viewports: this.viewports });
    this.labels = new Labels({ viewports: this.viewports, link: this.link });
    this.measurements = new Measurements({ servicesManager, send });
    const { viewports, coverage, link, measurements } = this;
    this.hands = new Hands({ viewports, coverage, link, measurements, send, servicesManager });
    this.bar = new Bar({ hands: this.hands, viewports });
    this.cases = new Cases({
      viewports,
      servicesManager,
      send,
      leaving: () => this.coverage.flush(),
      restart: () => this.restart(),
    });
    this.cases.hide('Fetching images');
    this.cases.expect();
    this.hands.changed = () => this.settled();
    this.hands.say = words => this.bar.say(words);
    this.listen();
    this.bar.draw();
    send('ready', { version: 1 });
  }

  handlers() {
    return {
      hello: ({ read }) => {
        this.cases.agree(read);
        this.bridge.send('showing', this.cases.read ? this.cases.said() : { client: null, studies: [] });
        this.measurements.all().forEach(each => this.bridge.send('measurement', each));
      },
      open: ({ wanted }) => this.cases.open(wanted),
      close: () => this.cases.close(),
      key: key => this.act(...(meaningOf(key) ?? [])),
      run: ({ command, value }) => this.act(command, value),
      goto: place => this.act('goto', place),
    };
  }

  act(name, value) {
    // Nothing may be done to images that are not this read's.
    return name && this.cases.read ? this.hands.run(name, value) : false;
  }

  listen() {
    this.tellActive(); // first: the keys' own listener lets nothing through
    listen({ act: (name, value) => this.act(name, value), pass: key => this.bridge.send('key', key) });
    this.followOpener();
    const { Events } = window.cornerstone.Enums;
    const { eventTarget } = window.cornerstone;
    eventTarget.addEventListener(Events.ELEMENT_ENABLED, ({ detail }) => this.watch(detail.element));
    eventTarget.addEventListener(Events.IMAGE_LOAD_FAILED, () => this.cases.failed(0));
    eventTarget.addEventListener(Events.IMAGE_LOAD_ERROR, () => this.cases.failed(0));
    window.cornerstone.getRenderingEngines()?.forEach(engine => {
      engine.getViewports().forEach(viewport => this.watch(viewport.element));
    });
    const { viewportGridService: grid, hangingProtocolService: hanging } = this.services;
    grid.subscribe(grid.EVENTS.ACTIVE_VIEWPORT_ID_CHANGED, () => this.settled());
    grid.subscribe(grid.EVENTS.GRID_STATE_CHANGED, () => this.settled());
    hanging.subscribe(hanging.EVENTS.PROTOCOL_CHANGED, () => this.settled());
    window.addEventListener('overread:http', ({ detail }) => this.lost(detail));
  }

  /** Somebody works at the images: told to the page at most twice a minute, so that it does not lock meanwhile. */
  tellActive() {
    let last = 0;
    const active = () => {
      if (Date.now() - last > 30_000) {
        last = Date.now();
        this.bridge.send('active');
      }
    };
    ['pointerdown', 'wheel', 'keydown'].forEach(kind => window.addEventListener(kind, active, { capture: true, passive: true }));
  }

  /** A second window without its reading page has no banner and no report: it covers its images and closes. */
  followOpener() {
    if (window.parent === window && window.opener) {
      setInterval(() => {
        if (window.opener.closed) {
          this.cases.bar('The reading page was closed.');
          window.close();
        }
      }, 1000);
    }
  }

  watch(element) {
    const { Events } = window.cornerstone.Enums;
    element.addEventListener(Events.IMAGE_RENDERED, ({ detail }) => this.rendered(this.viewports.get(detail.viewportId)));
    for (const event of [Events.STACK_NEW_IMAGE, Events.VOLUME_NEW_IMAGE]) {
      element.addEventListener(event, ({ detail }) => {
        const viewport = this.viewports.get(detail.viewportId);
        if (viewport) {
          this.link.moved(viewport);
        }
      });
    }
  }

  rendered(viewport) {
    const study = viewport && identify(viewport.getCurrentImageId?.() ?? viewport.getImageIds?.()[0])?.study;
    if (!study) {
      return;
    }
    if (roleOf(study) === 'unknown') {
      return; // the last drawing of the read that ended
    }
    if (this.cases.barred) {
      return; // covered: what is drawn underneath is not seen, and counts for nothing
    }
    if (!this.cases.showing) {
      this.cases.shown();
      this.settled();
    }
    this.coverage.drawn(viewport);
    this.labels.sides(viewport);
    this.tellPlace();
  }

  /** Labels and bar follow what is hung; several changes in one moment are drawn once. */
  settled() {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      this.hands.activateFirst();
      this.labels.draw();
      this.bar.draw();
      this.tellPlace();
    }, 60);
  }

  /** Tell the page which image is in front of the reader, at most four times a second. */
  tellPlace() {
    if (this.telling || !this.cases.read) {
      return;
    }
    this.telling = setTimeout(() => {
      this.telling = null;
      const viewport = this.viewports.get();
      const image = viewport && identify(this.viewports.drawn(viewport));
      const range = viewport?.getProperties?.().voiRange;
      const voi = range ? widthAndCenter(range) : null;
      this.bridge.send('place', {
        ...image,
        hanging: this.hands.hanging,
        voi,
        preset: voi ? nameOf(this.viewports.modality(), voi.width, voi.center) : '',
        priors: priorsOf().length,
      });
    }, 250);
  }

  lost(status) {
    if (status === 401 || status === 404) {
      this.cases.bar('These images can no longer be shown: you were signed out, or the case is no longer yours.');
    }
    this.bridge.send('problem', { what: 'images', status });
  }

  restart() {
    this.coverage.restart();
    this.link.restart();
    this.measurements.restart();
  }
}

export default {
  id: 'overread-read-extension',
  preRegistration({ servicesManager, commandsManager }) {
    const { hangingProtocolService } = servicesManager.services;
    hangingProtocolService.addCustomAttribute('overreadRole', 'Role in this read', study =>
      roleOf(study?.StudyInstanceUID ?? study?.studyInstanceUid)
    );
    hangingProtocolService.addCustomAttribute('overreadKind', 'What a series is for', kindOf);
    window.addEventListener('overread:enter', () => {
      window.overreadRoom ??= new Room({ servicesManager, commandsManager });
    });
  },
  getHangingProtocolModule: () => protocols.map(protocol => ({ name: protocol.id, protocol })),
};
