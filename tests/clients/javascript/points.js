// What the programs share: the points of the scenario, and how answers are judged.
import {isDeepStrictEqual} from 'node:util';

export const U8 = '00000000-0000-0000-0000-000000000008';
export const FIRST_AXIS = [1, 0, 0, 0];
export const NUMBERS = [1, 2, 3, 4, 5, 6, 7, 8];
const CITIES = ['Berlin', 'London', 'Moscow'];

export function pointId(number) {
    return number === 8 ? U8 : number;
}

export function payloadOf(number) {
    return {
        city: CITIES[number % 3],
        count: number,
        price: number + 0.25,
        ok: number % 2 === 0,
        when: `2024-01-0${number}T00:00:00Z`,
        place: {lon: 10 + number, lat: 50},
        tags: ['all', number % 2 ? 'odd' : 'even'],
        title: `Point number ${number} größer`,
        uid: `00000000-0000-0000-0000-00000000000${number}`,
        meta: {deep: {level: number}},
        parts: [
            {kind: 'a', size: number},
            {kind: 'b', size: -number},
        ],
        nothing: null,
    };
}

export function vectorsOf(number) {
    return {image: [number, number % 3, 1, 0], text: [number, 0, 0]};
}

export function expect(what, got, wanted) {
    if (!isDeepStrictEqual(got, wanted)) {
        throw new Error(`${what}: got ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}`);
    }
}

export function expectClose(what, got, wanted) {
    const close = got.length === wanted.length && got.every((one, at) => Math.abs(one - wanted[at]) < 1e-5);
    expect(`${what} (${JSON.stringify(got)})`, close, true);
}

export async function expectRefusal(what, call, part) {
    const message = await call().then(
        () => 'no error',
        (error) => `${error.message} ${JSON.stringify(error.data ?? '')}`,
    );
    expect(`${what} (${message})`, message.includes(part), true);
}

/** Runs the scenario with `[host, httpPort, grpcPort, name, kinds]` of the command line. */
export async function main(scenario) {
    const [host, httpPort, grpcPort, name, kinds] = process.argv.slice(2);
    try {
        await scenario({host, httpPort: Number(httpPort), grpcPort: Number(grpcPort), name, kinds: (kinds ?? '').split(',')});
    } catch (error) {
        console.error(`scenario failed: ${error.stack}`);
        process.exit(1);
    }
}
