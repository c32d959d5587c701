// What is shown and can be done in a meeting.

import { element, make, renderList, show, toast, write } from './elements.js';
import { icon } from './icons.js';
import { currentLanguage, text } from './texts.js';

const reactions = {
  'thumbs-up': '👍', 'thumbs-down': '👎', 'clapping-hands': '👏', 'red-heart': '❤️', 'face-with-tears-of-joy': '😂',
  'face-with-open-mouth': '😮', 'party-popper': '🎉', 'folded-hands': '🙏',
};
const layouts = ['Auto', 'Grid', 'Speaker'];
const keptMessages = 200;

/** A button whose words say what it would do: no `aria-pressed`, which would say the opposite. */
function toggle(button, isOn, words, picture) {
  const name = text(words);
  button.dataset.on = String(isOn);
  if (button.dataset.shown === name + picture) return;
  button.dataset.shown = name + picture;
  button.replaceChildren(icon(picture), make('span', {}, name));
}

export class Meeting {
  #messages = [];
  #next = 1;
  #unread = 0;
  #started = 0;

  /**
   * @param {import('./room.js').Room} room
   * @param {(words: string, params?: object) => Promise<object>} act does a command, and tells the person if it fails
   */
  constructor(room, act) {
    this.room = room;
    this.act = act;
    this.#listen();
    this.#listenToDialogs();
  }

  /** Forgets what was said: another meeting begins. */
  begin() {
    this.#messages = [];
    this.#unread = 0;
    this.#renderChat();
  }

  /** The meeting that the room is in, joins or leaves. */
  get call() { return this.room.items('Status Call').at(-1); }

  render() {
    const room = this.room;
    const microphoneOff = room.get('Status Audio Microphones Mute') === 'On';
    toggle(
      element('microphone'), microphoneOff, microphoneOff ? 'microphoneOn' : 'microphoneOff',
      microphoneOff ? 'microphoneOff' : 'microphone');
    const cameraOff = room.get('Status Video Input MainVideoMute') === 'On';
    toggle(element('camera'), cameraOff, cameraOff ? 'cameraOn' : 'cameraOff', cameraOff ? 'cameraOff' : 'camera');
    const mode = room.get('Status Conference Presentation Mode');
    toggle(element('present'), mode === 'Sending', mode === 'Sending' ? 'presentStop' : 'presentStart', 'screen');
    const hand = room.get('Status Conference Hand Raised') === 'True';
    toggle(element('hand'), hand, hand ? 'handLower' : 'handRaise', 'hand');
    this.#renderHead(mode);
    this.#renderVolume();
    this.#renderPeople();
    this.#renderLayout();
  }

  /** Takes in what happened. */
  happened(event) {
    const chat = event.Conference?.Chat;
    if (chat) {
      this.#keep(chat.DisplayName, chat.Text);
      if (!element('dialog-chat').open) {
        this.#unread++;
        toast(text('chatFrom', { name: chat.DisplayName, words: chat.Text.slice(0, 120) }));
      }
      this.#renderChat();
    }
    const reaction = event.Conference?.Reaction;
    if (reaction) toast(`${reactions[reaction.Reaction] ?? ''} ${reaction.DisplayName}`);
  }

  #renderHead(mode) {
    const call = this.call;
    write(element('meeting-title'), call?.get('DisplayName') || call?.get('RemoteNumber') || text('meeting'));
    const seconds = call?.get('Duration');
    if (seconds !== undefined) {
      const started = Date.now() - seconds * 1000;
      if (Math.abs(started - this.#started) > 1500) this.#started = started;
    }
    this.tick();
    const recording = this.room.get('Status Conference Recording State') ?? 'Off';
    show(element('recording'), recording !== 'Off');
    write(element('recording'), recording === 'Off' ? '' : text('recording' + recording));
    show(element('presenting'), mode === 'Sending' || mode === 'Receiving');
    write(element('presenting'), mode === 'Sending' ? text('presentSending') : mode === 'Receiving' ? text('presentReceiving') : '');
  }

  /** Writes how long the meeting has lasted. */
  tick() {
    if (!this.call) return;
    const minutes = Math.max(0, Math.floor((Date.now() - this.#started) / 60000));
    write(element('meeting-time'), text('since', { minutes: String(minutes) }));
  }

  #renderVolume() {
    const volume = this.room.get('Status Audio Volume') ?? 0;
    const slider = element('volume');
    if (document.activeElement !== slider || !slider.matches(':active')) slider.value = volume;
    write(element('volume-value'), `${volume} %`);
    element('volume-mute').setAttribute('aria-pressed', String(this.room.get('Status Audio VolumeMute') === 'On'));
  }

  #renderPeople() {
    const people = this.room.items('Status Conference Participant');
    write(element('people-count'), people.length ? String(people.length) : '');
    renderList(
      element('people'), people, (person) => person.id,
      (person) => make(
        'li', {}, make('span', { className: 'grow' }),
        make('button', { type: 'button', onclick: () => this.act('Conference Participant Pin', { ParticipantId: person.id }) }),
        make('button', { type: 'button', onclick: () => this.act('Conference Participant Mute', { ParticipantId: person.id }) })),
      (row, person) => {
        const [name, pin, mute] = row.children;
        const signs = [
          person.get('HandRaised') === 'True' && text('signHand'),
          person.get('AudioMute') === 'On' && text('signMuted'),
          person.get('VideoMute') === 'On' && text('signCameraOff'),
          person.get('Presenting') === 'True' && text('signPresenting'),
        ].filter(Boolean);
        const who = person.get('DisplayName') || text('someone');
        write(name, signs.length ? `${who} (${signs.join(', ')})` : who);
        write(pin, text('pin'));
        pin.setAttribute('aria-label', text('pinOf', { name: who }));
        write(mute, text('mute'));
        mute.setAttribute('aria-label', text('muteOf', { name: who }));
        show(mute, person.get('AudioMute') !== 'On');
      });
  }

  #renderLayout() {
    const active = this.room.get('Status Video Layout CurrentLayouts ActiveLayout');
    for (const button of element('layouts').children) {
      button.setAttribute('aria-pressed', String(button.dataset.layout === active));
      write(button, text('layout' + button.dataset.layout));
    }
    const mode = this.room.get('Status Video Selfview Mode') === 'On';
    const full = this.room.get('Status Video Selfview FullscreenMode') === 'On';
    const chosen = mode ? (full ? 'Full' : 'Corner') : 'Off';
    for (const button of element('self-view').children) {
      button.setAttribute('aria-pressed', String(button.dataset.mode === chosen));
      write(button, text('selfView' + button.dataset.mode));
    }
  }

  #keep(from, words) {
    this.#messages.push({ number: this.#next++, time: new Date(), from, words });
    if (this.#messages.length > keptMessages) this.#messages.shift();
  }

  #renderChat() {
    show(element('unread'), this.#unread > 0);
    write(element('unread'), this.#unread ? text(this.#unread === 1 ? 'unreadOne' : 'unread', { count: String(this.#unread) }) : '');
    const log = element('chat-log');
    const time = new Intl.DateTimeFormat(currentLanguage(), { hour: '2-digit', minute: '2-digit' });
    renderList(
      element('chat-messages'), this.#messages, (message) => message.number,
      (message) => make('li', {}, make('b', {}, message.from), ' ', make('time', {}, time.format(message.time)), make('p', {}, message.words)),
      () => {});
    log.scrollTop = log.scrollHeight;
  }

  #listen() {
    const act = this.act;
    const isOn = (event) => event.currentTarget.dataset.on === 'true';
    element('microphone').onclick = (event) =>
      act(isOn(event) ? 'Audio Microphones Unmute' : 'Audio Microphones Mute');
    element('camera').onclick = (event) =>
      act(isOn(event) ? 'Video Input MainVideo Unmute' : 'Video Input MainVideo Mute');
    element('present').onclick = (event) => act(isOn(event) ? 'Presentation Stop' : 'Presentation Start');
    element('hand').onclick = (event) => act(isOn(event) ? 'Conference Hand Lower' : 'Conference Hand Raise');
    element('volume-down').onclick = () => act('Audio Volume Decrease');
    element('volume-up').onclick = () => act('Audio Volume Increase');
    element('volume-mute').onclick = () => act('Audio Volume ToggleMute');
    element('volume').onchange = (event) => act('Audio Volume Set', { Level: Number(event.target.value) });
    element('leave').onclick = () => element('dialog-leave').showModal();
    element('leave-now').onclick = () => {
      element('dialog-leave').close();
      act('Call Disconnect');
    };
  }

  #listenToDialogs() {
    for (const [name, sign] of Object.entries(reactions)) {
      element('reactions').append(make(
        'button', {
          type: 'button', className: 'emoji', 'data-label': 'reaction-' + name,
          onclick: () => {
            this.act('Conference Reaction Send', { Reaction: name });
            element('dialog-reactions').close();
          },
        }, sign));
    }
    for (const name of layouts) {
      const button = make('button', { type: 'button', onclick: () => this.act('Video Layout SetLayout', { LayoutName: name }) });
      button.dataset.layout = name;
      element('layouts').append(button);
    }
    const views = {
      Off: { Mode: 'Off' }, Corner: { Mode: 'On', FullscreenMode: 'Off' }, Full: { Mode: 'On', FullscreenMode: 'On' },
    };
    for (const [mode, params] of Object.entries(views)) {
      const button = make('button', { type: 'button', onclick: () => this.act('Video Selfview Set', params) });
      button.dataset.mode = mode;
      element('self-view').append(button);
    }
    element('chat').onsubmit = async (event) => {
      event.preventDefault();
      const field = element('chat-text');
      const words = field.value.trim();
      if (!words || await this.act('Conference Chat Send', { Text: words }) === undefined) return;
      this.#keep(text('us'), words);
      field.value = '';
      this.#renderChat();
    };
    element('dialog-chat').addEventListener('opened', () => {
      this.#unread = 0;
      this.#renderChat();
    });
  }
}
