// Whether the service of this container is ready, as its health server says.
const answer = await fetch(`http://127.0.0.1:${process.env.HEALTH_PORT}/readyz`, {
  signal: AbortSignal.timeout(4000),
}).catch((error) => ({ ok: false, text: async () => String(error.cause ?? error) }));
process.stdout.write(await answer.text());
process.exitCode = answer.ok ? 0 : 1;
