// The touch panel: what the room is doing decides what is shown.

import { Connection, RoomError } from './connection.js';
import { element, show, toast, write } from './elements.js';
import { addIcons } from './icons.js';
import { Idle } from './idle.js';
import { Meeting } from './meeting.js';
import { Room } from './room.js';
import { Service } from './service.js';
import { adoptLanguage, currentLanguage, loadTexts, switchLanguage, text, translate } from './texts.js';

const views = ['loading', 'login', 'setup', 'idle', 'busy', 'meeting', 'standby'];
const subscriptions = [
  ['Status'], ['Configuration', 'SystemUnit'], ['Configuration', 'UserInterface'], ['Configuration', 'Audio'],
  ['Configuration', 'Standby'], ['Event'],
];
/** Refusals that have words of their own: the role may not, nobody does that yet, and what people can do something about. */
const codes = { '-31999': 'denied', '-31997': 'unavailable' };
const refusals = { Dial: 'refusedDial', 'Presentation Start': 'refusedPresentation' };

const room = new Room();
const connection = new Connection({
  opened: subscribe, lost: () => show(element('offline'), true), refused: askWho, feedback: takeFeedback,
});
const meeting = new Meeting(room, act);
const idle = new Idle(connection, act);
const service = new Service(room, connection, act);

let shown = 'loading';
let state = '';

/** Does a command; what the room answers, or undefined when it didn't do it, which the person is told. */
async function act(words, params) {
  try {
    return await connection.command(words, params);
  } catch (error) {
    const isRefusal = error instanceof RoomError;
    toast(text(isRefusal ? codes[error.code] ?? refusals[words] ?? 'refused' : 'notSent'), 'bad');
    return undefined;
  }
}

async function subscribe() {
  room.clear();
  const answers = subscriptions.map((query) =>
    connection.request('xFeedback/Subscribe', { Query: query, NotifyCurrentValue: query[0] !== 'Event' })
      .catch((error) => { if (!(error instanceof RoomError)) throw error; }));
  await Promise.all(answers);
  show(element('offline'), false);
  idle.refresh();
}

function takeFeedback(message) {
  for (const document of ['Status', 'Configuration']) if (message[document]) room.merge(document, message[document]);
  if (message.Event) takeEvent(message.Event);
  requestRender();
}

function takeEvent(event) {
  meeting.happened(event);
  if (event.Bookings) idle.refresh();
  if (event.CallDisconnect?.CauseString) toast(event.CallDisconnect.CauseString);
  const alert = event.UserInterface?.Message?.Alert;
  if (alert?.Cleared) show(element('message'), false);
}

let isRenderDue = false;
function requestRender() {
  if (isRenderDue) return;
  isRenderDue = true;
  requestAnimationFrame(() => {
    isRenderDue = false;
    render();
  });
}

/** Which view belongs to what the room is doing. */
function viewOf(roomState) {
  switch (roomState) {
    case 'InMeeting': case 'Reconnecting': return 'meeting';
    case 'Starting': case 'Joining': case 'Lobby': case 'Leaving': return 'busy';
    case 'Standby': return 'standby';
    case undefined: return 'loading';
    default: return 'idle';
  }
}

function render() {
  if (shown === 'login' || shown === 'setup') return;
  if (adoptLanguage(room.get('Configuration UserInterface Language'))) retranslate();
  const now = room.get('Status SystemUnit State Room');
  if (now !== state) {
    if (now === 'Joining') meeting.begin();
    if (viewOf(now) !== viewOf(state)) closeDialogs();
    state = now;
    if (now === 'Idle') {
      element('code').value = '';
      idle.refresh();
    }
  }
  const name = room.get('Configuration SystemUnit Name') ?? 'Salle';
  write(element('room-name'), name);
  document.title = name;
  write(element('room-state'), now ? text('state' + now) : '');
  showView(viewOf(now));
  if (shown === 'busy') renderBusy(now);
  if (shown === 'idle') {
    idle.render();
    renderCalendar();
  }
  if (shown === 'meeting') meeting.render();
  service.render();
}

/** Says since when the meetings listed may be old. */
function renderCalendar() {
  const status = room.get('Status Bookings Calendar Status') ?? 'Off';
  const isOld = !['Off', 'Starting', 'OK'].includes(status);
  const update = Date.parse(room.get('Status Bookings Calendar LastUpdate') ?? '');
  const format = new Intl.DateTimeFormat(currentLanguage(), { weekday: 'long', hour: '2-digit', minute: '2-digit' });
  const words = Number.isNaN(update) ? text('calendarNever') : text('calendarOld', { time: format.format(update) });
  write(element('calendar-note'), isOld ? words : '');
  show(element('calendar-note'), isOld);
}

function renderBusy(now) {
  const name = meeting.call?.get('DisplayName') || meeting.call?.get('RemoteNumber') || '';
  write(element('busy-title'), text('busy' + now, { name }));
  write(element('busy-detail'), now === 'Lobby' ? text('lobbyDetail') : '');
  show(element('give-up'), now === 'Joining' || now === 'Lobby');
}

function showView(name) {
  if (shown === name) return;
  const hadFocus = element('view-' + shown).contains(document.activeElement);
  shown = name;
  for (const view of views) show(element('view-' + view), view === name);
  show(element('tools'), !['login', 'setup', 'loading'].includes(name));
  show(element('standby'), name === 'idle');
  // Where the focus was is gone; a keyboard goes on from the top of what is there now.
  if (hadFocus) element('main').focus();
}

function closeDialogs() {
  for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close();
}

function retranslate() {
  translate();
  addIcons();
  write(element('language'), text('otherLanguage'));
  element('language').lang = currentLanguage() === 'fr' ? 'en' : 'fr';
  for (const button of document.querySelectorAll('[data-shown]')) delete button.dataset.shown;
}

// Who is at the panel

async function askWho() {
  show(element('offline'), false);
  closeDialogs();
  const answer = await fetch('/api/setup', { cache: 'no-store' }).catch(() => undefined);
  if (answer?.ok && (await answer.json()).needed) {
    showView('setup');
    return element(element('setup-code').value ? 'setup-pin' : 'setup-code').focus();
  }
  showView('login');
  element(element('login-name').value ? 'login-pin' : 'login-name').focus();
}

/** Sends what somebody said; the status of the answer, or undefined without one. Whoever is let in gets the panel. */
async function send(address, body) {
  const answer = await fetch(address, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
  }).catch(() => undefined);
  if (answer?.ok) {
    for (const name of ['login-pin', 'setup-code', 'setup-pin', 'setup-again']) element(name).value = '';
    for (const name of ['login-error', 'setup-error']) show(element(name), false);
    showView('loading');
    connection.open();
  }
  return answer?.status;
}

function complain(name, key, field) {
  write(element(name), text(key));
  show(element(name), true);
  element(field).select();
}

const loginErrors = { 429: 'loginLater' };
const setupErrors = { 403: 'setupWrong', 409: 'setupOver', 422: 'setupRefused', 429: 'loginLater' };

element('login').onsubmit = async (event) => {
  event.preventDefault();
  const status = await send('/api/session', { name: element('login-name').value, password: element('login-pin').value });
  if (status !== 200) complain('login-error', status ? loginErrors[status] ?? 'loginWrong' : 'notSent', 'login-pin');
};

element('setup').onsubmit = async (event) => {
  event.preventDefault();
  const password = element('setup-pin').value;
  if (password !== element('setup-again').value) return complain('setup-error', 'setupDiffers', 'setup-again');
  const status = await send('/api/setup', { code: element('setup-code').value, password });
  if (status !== 200) complain('setup-error', status ? setupErrors[status] ?? 'setupRefused' : 'notSent', 'setup-code');
};

/** Who came by a QR code on the room's screen brings a code along, in a part of the link that no server and no history sees. */
async function takeCode() {
  const codes = new URLSearchParams(location.hash.slice(1));
  if (location.hash) history.replaceState(null, '', location.pathname);
  element('setup-code').value = codes.get('setup') ?? '';
  const token = codes.get('pair');
  return Boolean(token) && await send('/api/session', { pairing: token }) === 200;
}

element('logout').onclick = async () => {
  connection.close();
  await fetch('/api/session', { method: 'DELETE' }).catch(() => undefined);
  askWho();
};

// The rest of the page

element('language').onclick = () => {
  switchLanguage();
  retranslate();
  render();
};
element('give-up').onclick = () => act('Call Disconnect');
for (const button of document.querySelectorAll('[data-dialog]')) {
  button.addEventListener('click', () => {
    const dialog = element(button.dataset.dialog);
    dialog.showModal();
    dialog.dispatchEvent(new Event('opened'));
  });
}
for (const button of document.querySelectorAll('[data-close]')) {
  button.addEventListener('click', () => button.closest('dialog').close());
}

function tick() {
  const now = new Date();
  const clock = element('clock');
  clock.dateTime = now.toISOString();
  write(clock, new Intl.DateTimeFormat(currentLanguage(), { hour: '2-digit', minute: '2-digit' }).format(now));
  if (shown === 'meeting') meeting.tick();
}

/** How often the session is used, which would else end while the panel only listens. */
const sessionTime = 60 * 60 * 1000;

async function start() {
  await loadTexts();
  retranslate();
  tick();
  if (await takeCode()) return;
  const answer = await fetch('/api/session', { cache: 'no-store' });
  if (answer.ok) connection.open(); else askWho();
}

async function startUntilItWorks() {
  try { await start(); } catch { setTimeout(startUntilItWorks, 2000); }
}
setInterval(tick, 5000);
setInterval(() => fetch('/api/session', { cache: 'no-store' }).catch(() => undefined), sessionTime);
startUntilItWorks();
