// Camera, diagnostics and settings: for who looks after the room.

import { element, make, renderList, show, toast, write } from './elements.js';
import { text } from './texts.js';

/** The settings that installers change at the panel; all others by the other faces. */
const settings = [
  ['SystemUnit Name', 'text'], ['UserInterface Language', ['French', 'English']], ['Audio DefaultVolume', 'percent'],
  ['Standby Control', ['On', 'Off']], ['Standby Delay', 'minutes'], ['Standby WakeupOnMotionDetection', ['On', 'Off']],
];
const ramps = [
  ['Up', { Tilt: 'Up' }], ['Left', { Pan: 'Left' }], ['Right', { Pan: 'Right' }], ['Down', { Tilt: 'Down' }],
  ['Out', { Zoom: 'Out' }], ['In', { Zoom: 'In' }],
];

export class Service {
  /**
   * @param {import('./room.js').Room} room
   * @param {import('./connection.js').Connection} connection
   * @param {(words: string, params?: object) => Promise<object>} act does a command, and tells the person if it fails
   */
  constructor(room, connection, act) {
    this.room = room;
    this.connection = connection;
    this.act = act;
    this.#makeRamps();
    element('dialog-camera').addEventListener('opened', () => this.#listPresets());
    element('dialog-settings').addEventListener('opened', () => this.#renderSettings());
    element('wake').onclick = () => act('Standby Deactivate');
    element('standby').onclick = () => act('Standby Activate');
  }

  render() {
    this.#renderCameras();
    const messages = this.room.items('Status Diagnostics Message');
    show(element('diagnostics-count'), messages.length > 0);
    write(element('diagnostics-count'), messages.length ? String(messages.length) : '');
    const list = element('diagnostics');
    renderList(
      list, messages, (message) => message.id, () => make('li', {}, make('b'), ' ', make('span')),
      (row, message) => {
        write(row.children[0], text('level' + (message.get('Level') ?? 'Info')));
        write(row.children[1], message.get('Description') ?? '');
      });
    if (messages.length === 0) list.replaceChildren(make('li', {}, text('allWell')));
    const facts = [
      ['version', this.room.get('Status SystemUnit Software DisplayName')],
      ['serialNumber', this.room.get('Status SystemUnit Hardware Module SerialNumber')],
    ].filter(([, value]) => value);
    element('device').replaceChildren(
      ...facts.flatMap(([key, value]) => [make('dt', {}, text(key)), make('dd', {}, String(value))]));
  }

  /** The number of the camera in use. */
  get #camera() { return Number(this.room.get('Status Video Input MainVideoSource') ?? 1); }

  /** The cameras to choose from, where there are several. */
  #renderCameras() {
    const cameras = this.room.items('Status Cameras Camera');
    const used = String(this.room.get('Status Video Input MainVideoSource') ?? 1);
    show(element('cameras'), cameras.length > 1);
    renderList(
      element('cameras'), cameras, (camera) => camera.id, () => make('button', { type: 'button', className: 'toggle' }),
      (button, camera) => {
        write(button, camera.get('Model') || text('cameraNumber', { number: camera.id }));
        button.setAttribute('aria-pressed', String(String(camera.id) === used));
        button.onclick = () => this.act('Video Input SetMainVideoSource', { SourceId: Number(camera.id) });
      });
  }

  #makeRamps() {
    const stop = { Pan: 'Stop', Tilt: 'Stop', Zoom: 'Stop' };
    for (const [name, params] of ramps) {
      let moves = false;
      const begin = () => {
        if (!moves) this.act('Camera Ramp', { CameraId: this.#camera, ...params });
        moves = true;
      };
      const end = () => {
        if (moves) this.act('Camera Ramp', { CameraId: this.#camera, ...stop });
        moves = false;
      };
      const button = make('button', { type: 'button', className: 'ramp', 'data-text': 'ramp' + name });
      button.addEventListener('pointerdown', (event) => {
        button.setPointerCapture(event.pointerId);
        begin();
      });
      for (const word of ['pointerup', 'pointercancel', 'blur', 'contextmenu']) button.addEventListener(word, end);
      // By keyboard a press begins and the next one ends: holding a key repeats it.
      button.addEventListener('click', (event) => {
        if (event.detail === 0) (moves ? end : begin)();
      });
      element('ramps').append(button);
    }
  }

  async #listPresets() {
    const list = element('presets');
    list.replaceChildren();
    try {
      const answer = await this.connection.command('Camera Preset List');
      for (const preset of answer.Preset ?? []) {
        list.append(make(
          'button', { type: 'button', onclick: () => this.act('Camera Preset Activate', { PresetId: Number(preset.PresetId) }) },
          preset.Name || text('preset', { number: preset.PresetId })));
      }
    } catch {
      // A room whose camera doesn't move has no views.
    }
    if (!list.children.length) list.append(make('p', { className: 'hint' }, text('noPresets')));
  }

  #renderSettings() {
    const form = element('settings');
    form.replaceChildren();
    for (const [path, kind] of settings) {
      const value = this.room.get('Configuration ' + path);
      if (value === undefined) continue;
      let field;
      if (Array.isArray(kind)) {
        field = make('select', {}, ...kind.map((word) => make('option', { value: word }, text('word' + word))));
      } else if (kind === 'text') {
        field = make('input', { type: 'text', maxLength: 50 });
      } else {
        field = make('input', { type: 'number', min: kind === 'percent' ? 0 : 1, max: kind === 'percent' ? 100 : 480 });
      }
      field.value = value;
      field.onchange = () => this.#set(path, field);
      form.append(make('label', {}, make('span', {}, text('setting' + path.replaceAll(' ', ''))), field));
    }
    show(element('settings-denied'), form.children.length === 0);
    form.onsubmit = (event) => event.preventDefault();
  }

  async #set(path, field) {
    const value = field.type === 'number' ? Number(field.value) : field.value;
    try {
      await this.connection.request('xSet', { Path: ['Configuration', ...path.split(' ')], Value: value });
      toast(text('saved'));
    } catch {
      field.value = this.room.get('Configuration ' + path);
      toast(text('notSaved'), 'bad');
    }
  }
}
