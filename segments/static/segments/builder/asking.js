// Questions to the server. Only the newest counts: an older one is broken off, and an answer that
// comes late all the same is not shown.

export class Asking {
  constructor(url, { csrf, wait = 0 }) {
    Object.assign(this, { url, csrf, wait, timer: null, running: null });
  }

  stop() {
    clearTimeout(this.timer);
    this.running?.abort();
    this.running = null;
  }

  // Resolves to the answer, or to null where a newer question has come; fails without a connection.
  async ask(body) {
    this.stop();
    const running = (this.running = new AbortController());
    try {
      await new Promise((wake) => { this.timer = setTimeout(wake, this.wait); });
      if (running !== this.running) return null;
      const response = await fetch(this.url, {
        method: "POST",
        signal: running.signal,
        headers: { "Content-Type": "application/json", "X-CSRFToken": this.csrf },
        body: JSON.stringify(body),
      });
      if (!response.ok) throw new Error(`${response.status}`);
      const answer = await response.json();
      return running === this.running ? answer : null;
    } catch (error) {
      if (running !== this.running || error.name === "AbortError") return null;
      throw error;
    }
  }
}

// Values found in the data for what was typed; none rather than an error.
export async function suggestions(url, query, signal) {
  const response = await fetch(`${url}?${new URLSearchParams(query)}`, { signal }).catch(() => null);
  return response?.ok ? (await response.json()).values : [];
}
