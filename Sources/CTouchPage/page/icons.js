// Pictures beside the words of buttons; the words alone say it all, so that a screen reader leaves these out.

const paths = {
  microphone: 'M12 15a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3Zm-6-3a6 6 0 0 0 12 0M12 18v3m-4 0h8',
  microphoneOff: 'M12 15a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3Zm-6-3a6 6 0 0 0 12 0M12 18v3m-4 0h8M4 3l16 18',
  camera: 'M3 7h12v10H3zM15 11l6-4v10l-6-4',
  cameraOff: 'M3 7h12v10H3zM15 11l6-4v10l-6-4M3 3l18 18',
  screen: 'M3 5h18v12H3zM8 21h8m-4-4v4m-3-10 3-3 3 3m-3-3v6',
  hand: 'M8 12V6a1.5 1.5 0 0 1 3 0v5-7a1.5 1.5 0 0 1 3 0v7-5a1.5 1.5 0 0 1 3 0v9a6 6 0 0 1-6 6c-3 0-4-1-6-5l-1-3a1.5 1.5 0 0 1 3-1l1 2',
  smile: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8 14c1 2 2 3 4 3s3-1 4-3M9 9v1m6-1v1',
  chat: 'M4 5h16v11H10l-5 4v-4H4z',
  people: 'M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm-6 9c0-4 3-6 6-6s6 2 6 6M16 11a3 3 0 0 0 0-6m2 9c2 1 3 3 3 6',
  layout: 'M3 4h18v16H3zM15 4v16M15 12h6',
  leave: 'M3 14c5-5 13-5 18 0l-3 3-3-2v-3c-2-.7-4-.7-6 0v3l-3 2z',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-10v6m0-9v1',
  gear: 'M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm0-12v3m0 12v3M3 12h3m12 0h3M5.6 5.6l2.1 2.1m8.6 8.6 2.1 2.1m0-12.8-2.1 2.1m-8.6 8.6-2.1 2.1',
};

const namespace = 'http://www.w3.org/2000/svg';

/** A picture, hidden from screen readers. */
export function icon(name) {
  const picture = document.createElementNS(namespace, 'svg');
  picture.setAttribute('viewBox', '0 0 24 24');
  picture.setAttribute('aria-hidden', 'true');
  picture.setAttribute('focusable', 'false');
  const path = document.createElementNS(namespace, 'path');
  path.setAttribute('d', paths[name]);
  picture.append(path);
  return picture;
}

/** Puts the pictures of all elements that name one before their words. */
export function addIcons(root = document) {
  for (const element of root.querySelectorAll('[data-icon]')) {
    if (element.firstElementChild?.localName !== 'svg') element.prepend(icon(element.dataset.icon));
  }
}
