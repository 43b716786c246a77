// The one entry of our scripts. Each module finds its own parts by data attributes and does nothing without them.
import { startHtmx } from "./htmx-config.js";
import { startTheme } from "./theme.js";
import { startKeys } from "./keys.js";
import { startMenus } from "./menus.js";
import { startDue } from "./due.js";
import { startLive } from "./live.js";
import { startRows } from "./rows.js";
import { startTabLock } from "./tab-lock.js";
import { startForms } from "./forms.js";

startHtmx();
startTheme();
startMenus();
startKeys();
startDue();
startLive();
startRows();
startTabLock();
startForms();
