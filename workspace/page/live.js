// The road to the workspace: what one person's screen shows, live, and what that person does.

/** Keeps the screen of `looking()` coming to `show`; tells `broken` when the road is cut and opened again. */
export function live(show, broken) {
  let socket = null;
  let looking = {};
  let wait = 300;

  function connect() {
    socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/page/live`);
    socket.onopen = () => { wait = 300; broken(false); socket.send(JSON.stringify(looking)); };
    socket.onmessage = (event) => show(JSON.parse(event.data));
    socket.onclose = () => { broken(true); setTimeout(connect, wait); wait = Math.min(wait * 1.7, 5000); };
  }
  connect();

  return {
    look(at) {
      looking = at;
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(looking));
    },
  };
}

const TROUBLE = {
  timeout: "Appen svarte ikke i tide. Prøv igjen.",
  no_connection: "Appen er ikke tilkoblet akkurat nå.",
};

/** Do something; gives the answer, or calls `trouble` with words for a person and gives null. */
export async function act(what, body, trouble) {
  try {
    const response = await fetch(`/page/do/${what}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Workspace": "page" },
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    if (!answer.ok) { trouble(answer.trouble ?? "Det gikk ikke."); return null; }
    if (TROUBLE[answer.acked]) trouble(TROUBLE[answer.acked]);
    return answer;
  } catch {
    trouble("Fikk ikke kontakt med arbeidsområdet.");
    return null;
  }
}

/** Share a file. */
export async function upload(fields, file, trouble) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value) form.append(name, value);
  form.append("file", file, file.name);
  try {
    const response = await fetch("/page/do/upload", { method: "POST", headers: { "X-Workspace": "page" }, body: form });
    const answer = await response.json();
    if (!answer.ok) trouble(answer.trouble);
    return answer.ok;
  } catch {
    trouble("Filen kom ikke fram.");
    return false;
  }
}
