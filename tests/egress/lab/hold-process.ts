/** Holds one connection and talks on it ten times a second: prints the first answer, then why it ended. Arguments: host, port. */
import { connect } from 'node:net';

const [host = '', port = ''] = process.argv.slice(2);
const socket = connect({ host, port: Number(port) });
socket.once('data', (data) => process.stdout.write(data));
const timer = setInterval(() => socket.write('.\n'), 100);
socket.on('error', ({ message }) => process.stdout.write(`${message}\n`));
socket.on('close', () => clearInterval(timer));
