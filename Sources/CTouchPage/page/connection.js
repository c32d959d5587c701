// One WebSocket to the room, with JSON-RPC 2.0 on it: requests with answers, and feedback as it comes. A connection that
// says nothing for too long is dead, whatever the browser thinks of it; it is shown at once and made anew.

const heartbeatTime = 2000;
const answerTime = 5000;
const reconnectTimes = [250, 500, 1000, 2000, 4000];

/** What the room answered to a request that it didn't do. */
export class RoomError extends Error {
  /** @param {{code: number, message: string}} error as in JSON-RPC 2.0, section 5.1 */
  constructor(error) {
    super(error.message);
    this.code = error.code;
  }
}

export class Connection {
  #socket = null;
  #next = 1;
  #waiting = new Map();
  #attempt = 0;
  #timer = 0;
  #heartbeat = 0;
  #closed = true;

  /**
   * @param {object} listener
   * @param {() => Promise<void>} listener.opened the room can be asked
   * @param {() => void} listener.lost the room can't be reached; it is tried again
   * @param {() => void} listener.refused who is at the panel isn't known to the room any more
   * @param {(message: object) => void} listener.feedback what changed or happened
   */
  constructor(listener) {
    this.listener = listener;
    // A tablet that wakes up doesn't wait for a timer.
    addEventListener('online', () => this.#hurry());
    document.addEventListener('visibilitychange', () => { if (!document.hidden) this.#hurry(); });
  }

  open() {
    this.#closed = false;
    this.#connect();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#drop();
  }

  /** Asks the room, and gives its answer. Throws `RoomError`, or an `Error` when there is no connection. */
  request(method, params = {}, time = answerTime) {
    return new Promise((resolve, reject) => {
      if (this.#socket?.readyState !== WebSocket.OPEN) return reject(new Error('offline'));
      const id = this.#next++;
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error('timeout'));
      }, time);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
  }

  /** Does a command: its words, and its parameters. */
  command(words, params = {}) { return this.request('xCommand/' + words.split(' ').join('/'), params, 12000); }

  #connect() {
    clearTimeout(this.#timer);
    const socket = new WebSocket(`wss://${location.host}/ws`);
    this.#socket = socket;
    socket.addEventListener('open', async () => {
      if (socket !== this.#socket) return;
      this.#attempt = 0;
      this.#beat();
      try { await this.listener.opened(); } catch { this.#lose(socket); }
    });
    socket.addEventListener('message', (event) => { if (socket === this.#socket) this.#take(event.data); });
    socket.addEventListener('close', () => this.#lose(socket));
  }

  #take(text) {
    let message;
    try { message = JSON.parse(text); } catch { return; }
    if (message.method === 'xFeedback/Event') return this.listener.feedback(message.params);
    const waiting = this.#waiting.get(message.id);
    if (!waiting) return;
    this.#waiting.delete(message.id);
    clearTimeout(waiting.timer);
    if (message.error) waiting.reject(new RoomError(message.error)); else waiting.resolve(message.result);
  }

  #beat() {
    clearTimeout(this.#heartbeat);
    const socket = this.#socket;
    this.#heartbeat = setTimeout(async () => {
      try {
        await this.request('xGet', { Path: ['Status', 'SystemUnit', 'State', 'Room'] }, heartbeatTime);
        if (socket === this.#socket) this.#beat();
      } catch (error) {
        if (!(error instanceof RoomError)) this.#lose(socket);
      }
    }, heartbeatTime);
  }

  #lose(socket) {
    if (socket !== this.#socket) return;
    this.#drop();
    if (this.#closed) return;
    this.listener.lost();
    this.#retry();
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    clearTimeout(this.#heartbeat);
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new Error('offline'));
    }
    this.#waiting.clear();
    socket?.close();
  }

  #retry() {
    const time = reconnectTimes[Math.min(this.#attempt++, reconnectTimes.length - 1)];
    this.#timer = setTimeout(() => this.#check(), time);
  }

  // A WebSocket doesn't tell why it was refused; a plain request does.
  async #check() {
    try {
      const answer = await fetch('/api/session', { cache: 'no-store', signal: AbortSignal.timeout(heartbeatTime) });
      if (this.#closed) return;
      if (answer.status === 401) {
        this.close();
        return this.listener.refused();
      }
      if (!answer.ok) return this.#retry();
      this.#connect();
    } catch {
      if (!this.#closed) this.#retry();
    }
  }

  #hurry() {
    if (this.#closed || this.#socket) return;
    clearTimeout(this.#timer);
    this.#check();
  }
}
