// The scenario of ../README.md through the official REST client for JavaScript.
import {QdrantClient} from '@qdrant/js-client-rest';

import {FIRST_AXIS, NUMBERS, U8, expect, expectClose, expectRefusal, main, payloadOf, pointId, vectorsOf} from './points.js';

const INDEXES = {
    city: 'keyword',
    price: 'float',
    count: 'integer',
    ok: 'bool',
    when: 'datetime',
    place: 'geo',
    title: 'text',
    uid: 'uuid',
};

const ids = (hits) => hits.map((hit) => hit.id);
const match = (key, value) => ({key, match: {value}});
const must = (...conditions) => ({must: conditions});
const point = (number, payload) => ({id: pointId(number), vector: vectorsOf(number), payload: payload ?? payloadOf(number)});

async function listed(client, name) {
    return (await client.getCollections()).collections.some((one) => one.name === name);
}

async function create(client, name) {
    expect('exists before', (await client.collectionExists(name)).exists, false);
    const vectors = {image: {size: 4, distance: 'Dot'}, text: {size: 3, distance: 'Euclid'}};
    await client.createCollection(name, {vectors});
    expect('exists', (await client.collectionExists(name)).exists, true);
    expect('vectors', (await client.getCollection(name)).config.params.vectors, vectors);
    expect('listed', await listed(client, name), true);
    await client.updateCollectionAliases({actions: [{create_alias: {collection_name: name, alias_name: `${name}-alias`}}]});
    const {aliases} = await client.getCollectionAliases(name);
    expect('aliases', aliases, [{alias_name: `${name}-alias`, collection_name: name}]);
}

async function createIndexes(client, name) {
    for (const [field, kind] of Object.entries(INDEXES)) {
        await client.createPayloadIndex(name, {field_name: field, field_schema: kind, wait: true});
    }
    const schema = (await client.getCollection(name)).payload_schema;
    const kinds = Object.fromEntries(Object.keys(INDEXES).map((field) => [field, schema[field]?.data_type]));
    expect('indexes', kinds, INDEXES);
}

async function upsert(client, name) {
    const result = await client.upsert(name, {wait: true, points: NUMBERS.map((number) => point(number))});
    expect('upsert', result.status, 'completed');
    expect('count', await client.count(name, {exact: true}), {count: 8});
    const records = await client.retrieve(name, {ids: [1, U8], with_payload: true, with_vector: true});
    const wanted = [1, 8].map((number) => ({id: pointId(number), payload: payloadOf(number), vector: vectorsOf(number)}));
    expect('retrieved', records, wanted);
}

async function upsertConditionally(client, name) {
    const city = async () => (await client.retrieve(name, {ids: [1]}))[0].payload.city;
    const paris = {wait: true, points: [point(1, {...payloadOf(1), city: 'Paris'})]};
    await client.upsert(name, {...paris, update_filter: must(match('count', 1000))});
    expect('city after a condition that fails', await city(), 'London');
    await client.upsert(name, {...paris, update_filter: must(match('count', 1))});
    expect('city after a condition that holds', await city(), 'Paris');
    await client.upsert(name, {wait: true, points: [point(1)], update_mode: 'insert_only'});
    expect('city after insert only', await city(), 'Paris');
}

async function countByFilters(client, name) {
    const wanted = [
        [must(match('city', 'Moscow')), 3],
        [must(match('uid', payloadOf(3).uid)), 1],
        [must({key: 'tags', match: {any: ['odd', 'none']}}), 4],
        [must({key: 'count', match: {except: [1, 2]}}), 6],
        [must({key: 'title', match: {text: 'number 3'}}), 1],
        [must({key: 'price', range: {gte: 5.25, lt: 7.25}}), 2],
        [must({key: 'when', range: {gte: '2024-01-05T00:00:00Z'}}), 4],
        [must({key: 'place', geo_radius: {center: {lon: 12, lat: 50}, radius: 100_000}}), 3],
        [must({key: 'tags', values_count: {gte: 2}}), 8],
        [must({is_null: {key: 'nothing'}}), 8],
        [must({is_empty: {key: 'city'}}), 0],
        [must({has_id: [1, 2, U8, 77]}), 3],
        [must({has_vector: 'text'}), 8],
        [must({nested: {key: 'parts', filter: must(match('kind', 'a'), {key: 'size', range: {gt: 6}})}}), 2],
        [{must_not: [match('ok', true)]}, 4],
        [{should: [match('count', 1), match('city', 'Berlin')]}, 3],
        [{min_should: {conditions: [match('count', 3), match('city', 'Berlin'), match('ok', true)], min_count: 2}}, 2],
    ];
    for (const [filter, count] of wanted) {
        expect(`count of ${JSON.stringify(filter)}`, await client.count(name, {filter, exact: true}), {count});
    }
    const filter = must(match('city', 'Berlin'), {key: 'price', range: {gte: 5}});
    const {points} = await client.query(`${name}-alias`, {query: FIRST_AXIS, using: 'image', filter});
    expect('filtered, by alias', ids(points), [6]);
}

async function query(client, name) {
    const ask = async (request) => (await client.query(name, request)).points;
    let hits = await ask({query: FIRST_AXIS, using: 'image', limit: 3, with_payload: true});
    expect('nearest', ids(hits), [U8, 7, 6]);
    expectClose('scores', hits.map((hit) => hit.score), [8, 7, 6]);
    expect('payload of a hit', hits[1].payload, payloadOf(7));
    hits = await ask({query: [5.2, 0, 0], using: 'text', limit: 2});
    expect('nearest by distance', ids(hits), [5, 6]);
    expectClose('distances', hits.map((hit) => hit.score), [0.2, 0.8]);
    const prefetch = [
        {query: FIRST_AXIS, using: 'image', limit: 3},
        {query: [6.2, 0, 0], using: 'text', limit: 3},
    ];
    hits = await ask({prefetch, query: {fusion: 'rrf'}});
    expect('fused', ids(hits), [6, 7, U8, 5]);
    expectClose('fused scores', hits.map((hit) => hit.score), [0.75, 2 / 3, 0.5, 0.25]);
    const formula = {sum: ['$score', {mult: [10, match('ok', false)]}]};
    hits = await ask({prefetch: {query: FIRST_AXIS, using: 'image', limit: 8}, query: {formula}, limit: 2});
    expect('formula', ids(hits), [7, 5]);
    hits = await ask({query: {recommend: {positive: [1]}}, using: 'image', limit: 2});
    expect('recommend', ids(hits), [U8, 7]);
    const discover = {target: FIRST_AXIS, context: [{positive: 7, negative: 1}]};
    expect('discover', ids(await ask({query: {discover}, using: 'image', limit: 1})), [U8]);
    const order_by = {key: 'count', direction: 'desc', start_from: 5};
    expect('order_by', ids(await ask({query: {order_by}, limit: 2})), [5, 4]);
    const answers = await client.queryBatch(name, {searches: [{query: FIRST_AXIS, using: 'image', limit: 1}, {limit: 2}]});
    expect('batch', answers.map((answer) => ids(answer.points)), [[U8], [1, 2]]);
    const grouped = {query: FIRST_AXIS, using: 'image', group_by: 'city', limit: 2, group_size: 1};
    const {groups} = await client.queryGroups(name, grouped);
    expect('groups', groups.map((group) => [group.id, ...ids(group.hits)]), [['Moscow', U8], ['London', 7]]);
    const facet = (await client.facet(name, {key: 'city', exact: true})).hits;
    const cities = [['Moscow', 3], ['Berlin', 2], ['London', 2], ['Paris', 1]]; // prettier-ignore
    expect('facet', facet, cities.map(([value, count]) => ({value, count})));
    const sample = {filter: must({has_id: [1, 2, U8]}), using: 'image', limit: 1};
    const {pairs} = await client.searchMatrixPairs(name, sample);
    expect('matrix', pairs.map((pair) => [pair.a, pair.b]), [[1, U8], [2, U8], [U8, 2]]); // prettier-ignore
}

async function scroll(client, name) {
    let page = await client.scroll(name, {limit: 5, with_payload: ['count']});
    expect('first page', [ids(page.points), page.next_page_offset], [[1, 2, 3, 4, 5], 6]);
    expect('selected payload', page.points[4].payload, {count: 5});
    page = await client.scroll(name, {limit: 5, offset: 6});
    expect('last page', [ids(page.points), page.next_page_offset], [[6, 7, U8], null]);
    page = await client.scroll(name, {limit: 3, order_by: {key: 'count', direction: 'desc'}});
    expect('in order', ids(page.points), [U8, 7, 6]);
}

async function change(client, name) {
    const red = async () => (await client.count(name, {filter: must(match('color', 'red')), exact: true})).count;
    await client.setPayload(name, {payload: {color: 'red'}, points: [2, 3], wait: true});
    await client.setPayload(name, {payload: {color: 'red'}, filter: must(match('city', 'Berlin')), wait: true});
    expect('red', await red(), 3);
    await client.deletePayload(name, {keys: ['color'], points: [3, 6], wait: true});
    expect('red after delete', await red(), 1);
    await client.overwritePayload(name, {payload: {count: 4}, points: [4], wait: true});
    expect('overwritten', (await client.retrieve(name, {ids: [4]}))[0].payload, {count: 4});
    await client.clearPayload(name, {points: [5], wait: true});
    expect('cleared', (await client.retrieve(name, {ids: [5], with_payload: true}))[0].payload, {});
    await client.updateVectors(name, {points: [{id: 1, vector: {text: [100, 0, 0]}}], wait: true});
    const {points} = await client.query(name, {query: [99, 0, 0], using: 'text', limit: 1});
    expect('moved', ids(points), [1]);
    await client.deleteVectors(name, {vector: ['text'], points: [2], wait: true});
    const [record] = await client.retrieve(name, {ids: [2], with_vector: true});
    expect('vectors left', record.vector, {image: vectorsOf(2).image});
    const operations = [{upsert: {points: [point(9)]}}, {delete: {points: [9]}}];
    const results = await client.batchUpdate(name, {operations, wait: true});
    expect('batch', results.map((result) => result.status), ['completed', 'completed']);
}

async function deletePoints(client, name) {
    await client.delete(name, {points: [1], wait: true});
    await client.delete(name, {filter: must(match('city', 'Berlin')), wait: true});
    expect('left', ids((await client.scroll(name)).points), [2, 4, 5, 7, U8]);
}

async function refuse(client, name) {
    const short = () => client.query(name, {query: [1], using: 'image'});
    await expectRefusal('a vector of the wrong length', short, 'expected dim: 4, got 1');
    await expectRefusal('an absent collection', () => client.count('no-such-collection'), 'no-such-collection');
}

async function sparse(client, name) {
    await client.createCollection(name, {sparse_vectors: {words: {}}});
    const points = [
        {id: 1, vector: {words: {indices: [1, 5], values: [1, 2]}}},
        {id: 2, vector: {words: {indices: [5, 9], values: [3, 1]}}},
    ];
    await client.upsert(name, {points, wait: true});
    const hits = (await client.query(name, {query: {indices: [5], values: [2]}, using: 'words'})).points;
    expect('sparse', hits.map((hit) => [hit.id, hit.score]), [[2, 6], [1, 4]]); // prettier-ignore
    await client.deleteCollection(name);
}

async function multi(client, name) {
    const vectors = {size: 2, distance: 'Dot', multivector_config: {comparator: 'max_sim'}};
    await client.createCollection(name, {vectors});
    const points = [
        {id: 1, vector: [[1, 0], [0, 1]]}, // prettier-ignore
        {id: 2, vector: [[0.75, 0.75]]},
    ];
    await client.upsert(name, {points, wait: true});
    const hits = (await client.query(name, {query: points[0].vector})).points;
    expect('multivectors', hits.map((hit) => [hit.id, hit.score]), [[1, 2], [2, 1.5]]); // prettier-ignore
    await client.deleteCollection(name);
}

await main(async ({host, httpPort, name, kinds}) => {
    const client = new QdrantClient({host, port: httpPort});
    for (const step of [create, createIndexes, upsert, upsertConditionally, countByFilters, query, scroll, change]) {
        await step(client, name);
    }
    await deletePoints(client, name);
    await refuse(client, name);
    if (kinds.includes('sparse')) await sparse(client, `${name}-sparse`);
    if (kinds.includes('multi')) await multi(client, `${name}-multi`);
    await client.updateCollectionAliases({actions: [{delete_alias: {alias_name: `${name}-alias`}}]});
    expect('aliases', (await client.getCollectionAliases(name)).aliases, []);
    await client.deleteCollection(name);
    expect('listed', await listed(client, name), false);
});
