// From one read to the next without starting the viewer again.
//
// Within one client the application stays alive and only its studies change. When the client changes, the document is
// replaced: everything the viewer held - pixels, metadata, measurements - goes with it (DESIGN.md 3, "Viewer").

export class Cases {
  constructor({ viewports, servicesManager, send, leaving, restart }) {
    Object.assign(this, { viewports, send, leaving, restart });
    this.services = servicesManager.services;
    this.showing = false;
    this.cover = document.createElement('div');
    this.cover.id = 'overread-cover';
    this.cover.setAttribute('role', 'status');
    document.body.append(this.cover);
  }

  /** The read on screen, or null while none is. */
  get read() {
    return this.showing ? window.overread.read : null;
  }

  async open(read) {
    if (read === window.overread.read && this.showing) {
      this.send('showing', this.said());
      return;
    }
    this.leaving(); // what was displayed of this read is told while this read is still the one on screen
    this.hide('Opening the next case');
    const answer = await fetch(`/read/${encodeURIComponent(read)}/viewer/config.json`, { cache: 'no-store' });
    if (!answer.ok) {
      this.hide('This case cannot be shown. You may no longer have it, or its images are not here. Go back to the worklist.');
      this.send('problem', { what: 'open', status: answer.status });
      return;
    }
    const next = await answer.json();
    if (next.client !== window.overread.client) {
      this.send('cleared', { client: window.overread.client });
      window.location.replace(`${next.base}/`);
      return;
    }
    this.change(next);
  }

  change(next) {
    this.forget();
    window.overread = next;
    document.documentElement.dataset.read = next.read;
    this.viewports.run('navigateHistory', { to: window.overreadAddress(next), options: { replace: true } });
  }

  /** Let go of what belongs to the read that ends. */
  forget() {
    this.services.measurementService.clearMeasurements();
    window.cornerstone.cache.purgeCache();
    this.restart();
  }

  /** The images of the read are hung: take the cover away and say so. */
  shown() {
    this.showing = true;
    this.cover.hidden = true;
    this.send('showing', this.said());
  }

  said() {
    const { client, studies } = window.overread;
    return { client, studies: studies.map(({ uid, role }) => ({ uid, role })) };
  }

  hide(words) {
    this.showing = false;
    this.cover.textContent = words;
    this.cover.hidden = false;
    this.send('showing', { client: null, studies: [] });
  }

  /** The page ends: sign-out, or the case is closed. */
  close() {
    this.leaving();
    this.hide('No case is open.');
    this.forget();
    window.location.replace('about:blank');
  }
}
