// What is shown and can be done while the room is in no meeting.

import { element, make, renderList, show, write } from './elements.js';
import { currentLanguage, text } from './texts.js';

/** From when on a meeting can be joined by one touch, before it begins. */
const joinableTime = 10 * 60 * 1000;
const refreshTime = 60 * 1000;
const codeForm = [3, 4, 3];

export class Idle {
  #bookings = [];
  #timer = 0;

  /**
   * @param {import('./connection.js').Connection} connection
   * @param {(words: string, params?: object) => Promise<object>} act does a command, and tells the person if it fails
   */
  constructor(connection, act) {
    this.connection = connection;
    this.act = act;
    this.#makeKeypad();
    const code = element('code');
    code.oninput = () => { code.value = Idle.#formed(code.value); };
    element('dial').onsubmit = (event) => {
      event.preventDefault();
      this.#join(code.value.trim());
    };
    this.#offerScan();
  }

  /** Asks for the room's meetings, now and each minute. */
  async refresh() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.refresh(), refreshTime);
    try {
      const answer = await this.connection.command('Bookings List', { Days: 1, Limit: 20 });
      this.#bookings = answer.Booking ?? [];
    } catch {
      // Without a calendar the page has the keypad; what was known of today's meetings stays.
    }
    this.render();
  }

  render() {
    const now = Date.now();
    const coming = this.#bookings.filter((booking) => Date.parse(booking.Time?.EndTime) > now);
    show(element('no-meetings'), coming.length === 0);
    const time = new Intl.DateTimeFormat(currentLanguage(), { hour: '2-digit', minute: '2-digit' });
    renderList(
      element('meetings'), coming, (booking) => booking.Id ?? booking.id,
      () => make('li', {}, make('p', { className: 'when' }), make('p', { className: 'what' }), make('button', { type: 'button', className: 'primary' })),
      (row, booking) => {
        const [when, what, join] = row.children;
        const start = Date.parse(booking.Time?.StartTime);
        write(when, `${time.format(start)} – ${time.format(Date.parse(booking.Time?.EndTime))}`);
        const title = booking.Privacy === 'Private' ? text('reserved') : booking.Title || text('meeting');
        const organizer = [booking.Organizer?.FirstName, booking.Organizer?.LastName].filter(Boolean).join(' ');
        write(what, organizer && booking.Privacy !== 'Private' ? `${title} · ${organizer}` : title);
        const number = booking.DialInfo?.Calls?.Call?.[0]?.Number;
        show(join, Boolean(number) && start - joinableTime <= now);
        write(join, text('join'));
        join.setAttribute('aria-label', text('joinNamed', { name: title }));
        join.onclick = () => this.#join(number);
      });
  }

  #join(number) {
    if (number) this.act('Dial', { Number: number });
    else element('code').focus();
  }

  /** A code's letters in its groups, as far as it is one; anything else, such as a link, as it is. */
  static #formed(words) {
    const letters = words.toLowerCase().replaceAll('-', '').trim();
    if (!/^[a-z]{1,10}$/.test(letters)) return words;
    const groups = [];
    let start = 0;
    for (const length of codeForm) {
      if (start < letters.length) groups.push(letters.slice(start, start + length));
      start += length;
    }
    return groups.join('-');
  }

  #makeKeypad() {
    const code = element('code');
    const keypad = element('keypad');
    for (const letter of 'abcdefghijklmnopqrstuvwxyz') {
      keypad.append(make('button', {
        type: 'button', onclick: () => { code.value = Idle.#formed(code.value + letter); },
      }, letter));
    }
    keypad.append(make('button', {
      type: 'button', className: 'wide', 'data-label': 'erase',
      onclick: () => { code.value = Idle.#formed(code.value.replace(/-?.$/, '')); },
    }, '⌫'));
  }

  // Browsers that read codes themselves do so; others don't show the button.
  #offerScan() {
    if (!('BarcodeDetector' in window) || !navigator.mediaDevices) return;
    const dialog = element('dialog-scan');
    const video = element('scan-video');
    show(element('scan'), true);
    element('scan').onclick = async () => {
      let stream;
      try { stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } }); }
      catch { return; }
      video.srcObject = stream;
      await video.play();
      dialog.showModal();
      const detector = new BarcodeDetector({ formats: ['qr_code'] });
      while (dialog.open) {
        const [found] = await detector.detect(video).catch(() => []);
        if (found) {
          dialog.close();
          this.#join(found.rawValue);
        }
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      for (const track of stream.getTracks()) track.stop();
    };
  }
}
