// From one read to the next without starting the viewer again.
//
// Within one client the application stays alive and only its studies change. When the client changes, the document is
// replaced: everything the viewer held - pixels, metadata, measurements - goes with it (DESIGN.md 3, "Viewer").

const FAILED = 'The images of this case could not be fetched. Load the page again; if that does not help, hand the case back.';
const REFUSED = 'This case cannot be shown. You may no longer have it, or its images are not here. Go back to the worklist.';
const OTHER = 'The reading page shows another case. These images are covered.';
const LATE_MS = 45_000;

export class Cases {
  constructor({ viewports, servicesManager, send, leaving, restart }) {
    Object.assign(this, { viewports, send, leaving, restart });
    this.services = servicesManager.services;
    this.showing = false;
    this.barred = false; // covered for good: drawing the same images once more does not uncover them
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
    this.bar('Opening the next case');
    const answer = await fetch(`/read/${encodeURIComponent(read)}/viewer/config.json`, { cache: 'no-store' }).catch(() => null);
    if (!answer?.ok || answer.redirected) {
      this.bar(REFUSED);
      this.send('problem', { what: 'open', status: answer?.ok ? 401 : (answer?.status ?? 0) });
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
    this.barred = false;
    this.expect();
    this.viewports.run('navigateHistory', { to: window.overreadAddress(next), options: { replace: true } });
  }

  /** Images must come; a cover that says "fetching" for ever tells nobody anything. */
  expect() {
    clearTimeout(this.late);
    this.late = setTimeout(() => this.failed(0), LATE_MS);
  }

  /** The images of a read that is not on screen yet cannot be had. */
  failed(status) {
    clearTimeout(this.late);
    if (!this.showing && !this.barred) {
      this.bar(FAILED);
      this.send('problem', { what: 'images', status });
    }
  }

  /** The page says whose page it is; images of another read are covered (H20). */
  agree(read) {
    if (read && read !== window.overread.read) {
      this.bar(OTHER);
    }
  }

  /** Let go of what belongs to the read that ends. */
  forget() {
    this.services.measurementService.clearMeasurements();
    window.cornerstone.cache.purgeCache();
    this.restart();
  }

  /** The images of the read are hung: take the cover away and say so. */
  shown() {
    if (this.barred) {
      return;
    }
    clearTimeout(this.late);
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

  /** Cover the images until another read is opened. */
  bar(words) {
    this.barred = true;
    this.hide(words);
  }

  /** The page ends: sign-out, or the case is closed. */
  close() {
    this.leaving();
    this.bar('No case is open.');
    this.forget();
    window.location.replace('about:blank');
  }
}
