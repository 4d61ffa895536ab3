// The searches of ../README.md as users of the REST client up to 1.18 write them: by the older endpoints.
import {QdrantClient} from 'js-client-rest-1.18';

import {FIRST_AXIS, NUMBERS, U8, expect, expectClose, main, payloadOf, pointId, vectorsOf} from './points.js';

const ids = (hits) => hits.map((hit) => hit.id);

await main(async ({host, httpPort, name}) => {
    const client = new QdrantClient({host, port: httpPort});
    await client.createCollection(name, {vectors: {image: {size: 4, distance: 'Dot'}, text: {size: 3, distance: 'Euclid'}}});
    const points = NUMBERS.map((number) => ({id: pointId(number), vector: vectorsOf(number), payload: payloadOf(number)}));
    await client.upsert(name, {wait: true, points});
    const vector = {name: 'image', vector: FIRST_AXIS};

    const hits = await client.search(name, {vector, limit: 3, with_payload: true});
    expect('search', ids(hits), [U8, 7, 6]);
    expectClose('scores', hits.map((hit) => hit.score), [8, 7, 6]);
    expect('payload', hits[1].payload, payloadOf(7));
    const filter = {must: [{key: 'city', match: {value: 'Berlin'}}]};
    const batch = await client.searchBatch(name, {searches: [{vector, limit: 1}, {vector, limit: 5, filter}]});
    expect('search batch', batch.map(ids), [[U8], [6, 3]]);
    const grouped = await client.searchPointGroups(name, {vector, group_by: 'city', group_size: 1, limit: 2});
    expect('search groups', grouped.groups.map((group) => [group.id, ...ids(group.hits)]), [['Moscow', U8], ['London', 7]]); // prettier-ignore
    const recommend = {positive: [1], using: 'image', limit: 2};
    expect('recommend', ids(await client.recommend(name, recommend)), [U8, 7]);
    expect('recommend batch', (await client.recommendBatch(name, {searches: [recommend]})).map(ids), [[U8, 7]]);
    const discover = {target: FIRST_AXIS, context: [{positive: 7, negative: 1}], using: 'image', limit: 1};
    expect('discover', ids(await client.discoverPoints(name, discover)), [U8]);
    await client.deleteCollection(name);
});
