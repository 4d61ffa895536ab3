// The scenario of ../README.md through the official gRPC client for JavaScript, which speaks in messages.
import {
    Direction,
    Distance,
    FieldType,
    Fusion,
    QdrantClient,
    UpdateMode,
    UpdateStatus,
    toDenseVector,
} from '@qdrant/js-client-grpc';

import {FIRST_AXIS, NUMBERS, U8, expect, expectClose, expectRefusal, main, payloadOf, pointId, vectorsOf} from './points.js';

const INDEXES = {
    city: FieldType.FieldTypeKeyword,
    price: FieldType.FieldTypeFloat,
    count: FieldType.FieldTypeInteger,
    ok: FieldType.FieldTypeBool,
    when: FieldType.FieldTypeDatetime,
    place: FieldType.FieldTypeGeo,
    title: FieldType.FieldTypeText,
    uid: FieldType.FieldTypeUuid,
};
const ALL = {selectorOptions: {case: 'enable', value: true}};

/** The messages for JSON values, and back: whole numbers are integers, as JSON tells them. */
function toValue(json) {
    if (json === null) return {kind: {case: 'nullValue', value: 0}};
    if (typeof json === 'boolean') return {kind: {case: 'boolValue', value: json}};
    if (typeof json === 'string') return {kind: {case: 'stringValue', value: json}};
    if (Number.isInteger(json)) return {kind: {case: 'integerValue', value: BigInt(json)}};
    if (typeof json === 'number') return {kind: {case: 'doubleValue', value: json}};
    if (Array.isArray(json)) return {kind: {case: 'listValue', value: {values: json.map(toValue)}}};
    return {kind: {case: 'structValue', value: {fields: toPayload(json)}}};
}

function fromValue({kind}) {
    if (kind.case === 'nullValue') return null;
    if (kind.case === 'integerValue') return Number(kind.value);
    if (kind.case === 'listValue') return kind.value.values.map(fromValue);
    if (kind.case === 'structValue') return fromPayload(kind.value.fields);
    return kind.value;
}

const mapValues = (map, change) => Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
const toPayload = (json) => mapValues(json, toValue);
const fromPayload = (payload) => mapValues(payload, fromValue);

function toId(id) {
    return {pointIdOptions: typeof id === 'string' ? {case: 'uuid', value: id} : {case: 'num', value: BigInt(id)}};
}

function fromId({pointIdOptions}) {
    return pointIdOptions.case === 'uuid' ? pointIdOptions.value : Number(pointIdOptions.value);
}

const ids = (hits) => hits.map((hit) => fromId(hit.id));
const scores = (hits) => hits.map((hit) => hit.score);
const named = (vectors) => mapValues(vectors, (data) => ({vector: {case: 'dense', value: {data}}}));
const toVectors = (vectors) => ({vectorsOptions: {case: 'vectors', value: {vectors: named(vectors)}}});
const fromVectors = (vectors) => mapValues(vectors.vectorsOptions.value.vectors, (one) => toDenseVector(one).data);
const pointList = (...list) => ({pointsSelectorOneOf: {case: 'points', value: {ids: list.map(toId)}}});
const matching = (filter) => ({pointsSelectorOneOf: {case: 'filter', value: filter}});
const condition = (kind, value) => ({conditionOneOf: {case: kind, value}});
const field = (key, predicate) => condition('field', {key, ...predicate});
const must = (...conditions) => ({must: conditions});

function match(key, value) {
    const kinds = {string: 'keyword', number: 'integer', boolean: 'boolean'};
    const given = typeof value === 'number' ? BigInt(value) : value;
    return field(key, {match: {matchValue: {case: kinds[typeof value], value: given}}});
}

function matchAs(key, kind, value) {
    return field(key, {match: {matchValue: {case: kind, value}}});
}

function point(number, payload) {
    return {id: toId(pointId(number)), vectors: toVectors(vectorsOf(number)), payload: toPayload(payload ?? payloadOf(number))};
}

const vectorInput = (data) => ({variant: {case: 'dense', value: {data}}});
const idInput = (id) => ({variant: {case: 'id', value: toId(id)}});
const nearest = (data) => ({variant: {case: 'nearest', value: vectorInput(data)}});

class Scenario {
    constructor(client, name) {
        this.collections = client.api('collections');
        this.points = client.api('points');
        this.name = name;
        this.alias = `${name}-alias`;
    }

    async listed() {
        return (await this.collections.list({})).collections.some((one) => one.name === this.name);
    }

    async create() {
        const collectionName = this.name;
        expect('exists before', (await this.collections.collectionExists({collectionName})).result.exists, false);
        const map = {image: {size: 4n, distance: Distance.Dot}, text: {size: 3n, distance: Distance.Euclid}};
        await this.collections.create({collectionName, vectorsConfig: {config: {case: 'paramsMap', value: {map}}}});
        expect('exists', (await this.collections.collectionExists({collectionName})).result.exists, true);
        const info = (await this.collections.get({collectionName})).result;
        const told = mapValues(info.config.params.vectorsConfig.config.value.map, ({size, distance}) => ({size, distance}));
        expect('vectors', told, map);
        expect('listed', await this.listed(), true);
        const alias = {collectionName, aliasName: this.alias};
        await this.collections.updateAliases({actions: [{action: {case: 'createAlias', value: alias}}]});
        const {aliases} = await this.collections.listCollectionAliases({collectionName});
        expect('aliases', aliases.map((one) => one.aliasName), [this.alias]);
    }

    async createIndexes() {
        for (const [fieldName, fieldType] of Object.entries(INDEXES)) {
            await this.points.createFieldIndex({collectionName: this.name, fieldName, fieldType, wait: true});
        }
        const {payloadSchema} = (await this.collections.get({collectionName: this.name})).result;
        // In answers the kinds are numbered from 1.
        const told = Object.fromEntries(Object.keys(INDEXES).map((key) => [key, payloadSchema[key]?.dataType]));
        expect('indexes', told, mapValues(INDEXES, (kind) => kind + 1));
    }

    async upsert() {
        const points = NUMBERS.map((number) => point(number));
        const {result} = await this.points.upsert({collectionName: this.name, wait: true, points});
        expect('upsert', result.status, UpdateStatus.Completed);
        expect('count', await this.count(), 8);
        const records = await this.retrieve(1, U8);
        expect('retrieved', ids(records), [1, U8]);
        for (const [at, number] of [1, 8].entries()) {
            expect('payload', fromPayload(records[at].payload), payloadOf(number));
            expect('vectors', fromVectors(records[at].vectors), vectorsOf(number));
        }
    }

    async retrieve(...list) {
        const request = {collectionName: this.name, ids: list.map(toId), withPayload: ALL, withVectors: ALL};
        return (await this.points.get(request)).result;
    }

    async count(filter) {
        return Number((await this.points.count({collectionName: this.name, filter, exact: true})).result.count);
    }

    async upsertConditionally() {
        const city = async () => fromPayload((await this.retrieve(1))[0].payload).city;
        const paris = {collectionName: this.name, wait: true, points: [point(1, {...payloadOf(1), city: 'Paris'})]};
        await this.points.upsert({...paris, updateFilter: must(match('count', 1000))});
        expect('city after a condition that fails', await city(), 'London');
        await this.points.upsert({...paris, updateFilter: must(match('count', 1))});
        expect('city after a condition that holds', await city(), 'Paris');
        await this.points.upsert({...paris, points: [point(1)], updateMode: UpdateMode.InsertOnly});
        expect('city after insert only', await city(), 'Paris');
    }

    async countByFilters() {
        const inner = must(match('kind', 'a'), field('size', {range: {gt: 6}}));
        const some = [match('count', 3), match('city', 'Berlin'), match('ok', true)];
        const wanted = [
            [must(match('city', 'Moscow')), 3],
            [must(match('uid', payloadOf(3).uid)), 1],
            [must(matchAs('tags', 'keywords', {strings: ['odd', 'none']})), 4],
            [must(matchAs('count', 'exceptIntegers', {integers: [1n, 2n]})), 6],
            [must(matchAs('title', 'text', 'number 3')), 1],
            [must(field('price', {range: {gte: 5.25, lt: 7.25}})), 2],
            [must(field('when', {datetimeRange: {gte: {seconds: BigInt(Date.UTC(2024, 0, 5) / 1000)}}})), 4],
            [must(field('place', {geoRadius: {center: {lon: 12, lat: 50}, radius: 100_000}})), 3],
            [must(field('tags', {valuesCount: {gte: 2n}})), 8],
            [must(condition('isNull', {key: 'nothing'})), 8],
            [must(condition('isEmpty', {key: 'city'})), 0],
            [must(condition('hasId', {hasId: [1, 2, U8, 77].map(toId)})), 3],
            [must(condition('hasVector', {hasVector: 'text'})), 8],
            [must(condition('nested', {key: 'parts', filter: inner})), 2],
            [{mustNot: [match('ok', true)]}, 4],
            [{should: [match('count', 1), match('city', 'Berlin')]}, 3],
            [{minShould: {conditions: some, minCount: 2n}}, 2],
        ];
        for (const [number, [filter, count]] of wanted.entries()) {
            expect(`count ${number}`, await this.count(filter), count);
        }
        const filter = must(match('city', 'Berlin'), field('price', {range: {gte: 5}}));
        const request = {collectionName: this.alias, query: nearest(FIRST_AXIS), using: 'image', filter};
        expect('filtered, by alias', ids((await this.points.query(request)).result), [6]);
    }

    async ask(request) {
        return (await this.points.query({collectionName: this.name, ...request})).result;
    }

    async query() {
        let hits = await this.ask({query: nearest(FIRST_AXIS), using: 'image', limit: 3n, withPayload: ALL});
        expect('nearest', ids(hits), [U8, 7, 6]);
        expectClose('scores', scores(hits), [8, 7, 6]);
        expect('payload of a hit', fromPayload(hits[1].payload), payloadOf(7));
        hits = await this.ask({query: nearest([5.2, 0, 0]), using: 'text', limit: 2n});
        expect('nearest by distance', ids(hits), [5, 6]);
        expectClose('distances', scores(hits), [0.2, 0.8]);
        const prefetch = [
            {query: nearest(FIRST_AXIS), using: 'image', limit: 3n},
            {query: nearest([6.2, 0, 0]), using: 'text', limit: 3n},
        ];
        hits = await this.ask({prefetch, query: {variant: {case: 'fusion', value: Fusion.RRF}}});
        expect('fused', ids(hits), [6, 7, U8, 5]);
        expectClose('fused scores', scores(hits), [0.75, 2 / 3, 0.5, 0.25]);
        const recommend = {variant: {case: 'recommend', value: {positive: [idInput(1)]}}};
        expect('recommend', ids(await this.ask({query: recommend, using: 'image', limit: 2n})), [U8, 7]);
        const context = {pairs: [{positive: idInput(7), negative: idInput(1)}]};
        const discover = {variant: {case: 'discover', value: {target: vectorInput(FIRST_AXIS), context}}};
        expect('discover', ids(await this.ask({query: discover, using: 'image', limit: 1n})), [U8]);
        const startFrom = {value: {case: 'integer', value: 5n}};
        const order = {variant: {case: 'orderBy', value: {key: 'count', direction: Direction.Desc, startFrom}}};
        expect('order_by', ids(await this.ask({query: order, limit: 2n})), [5, 4]);
    }

    async queryByFormula() {
        const one = (kind, value) => ({variant: {case: kind, value}});
        const boost = one('mult', {mult: [one('constant', 10), one('condition', match('ok', false))]});
        const formula = {expression: one('sum', {sum: [one('variable', '$score'), boost]})};
        const prefetch = [{query: nearest(FIRST_AXIS), using: 'image', limit: 8n}];
        const hits = await this.ask({prefetch, query: {variant: {case: 'formula', value: formula}}, limit: 2n});
        expect('formula', ids(hits), [7, 5]);
        expectClose('formula scores', scores(hits), [17, 15]);
    }

    async summarize() {
        const collectionName = this.name;
        const queryPoints = [{collectionName, query: nearest(FIRST_AXIS), using: 'image', limit: 1n}, {collectionName, limit: 2n}];
        const answers = (await this.points.queryBatch({collectionName, queryPoints})).result;
        expect('batch', answers.map((answer) => ids(answer.result)), [[U8], [1, 2]]);
        const grouped = {collectionName, query: nearest(FIRST_AXIS), using: 'image', groupBy: 'city', limit: 2n, groupSize: 1n};
        const {groups} = (await this.points.queryGroups(grouped)).result;
        expect('groups', groups.map((group) => [group.id.kind.value, ...ids(group.hits)]), [['Moscow', U8], ['London', 7]]); // prettier-ignore
        const {hits} = await this.points.facet({collectionName, key: 'city', exact: true});
        const cities = [['Moscow', 3], ['Berlin', 2], ['London', 2], ['Paris', 1]]; // prettier-ignore
        expect('facet', hits.map((hit) => [hit.value.variant.value, Number(hit.count)]), cities);
        const filter = must(condition('hasId', {hasId: [1, 2, U8].map(toId)}));
        const sample = {collectionName, filter, using: 'image', sample: 10n, limit: 1n};
        const {pairs} = (await this.points.searchMatrixPairs(sample)).result;
        expect('matrix', pairs.map((pair) => [fromId(pair.a), fromId(pair.b)]), [[1, U8], [2, U8], [U8, 2]]); // prettier-ignore
        const search = {collectionName, vector: FIRST_AXIS, vectorName: 'image', limit: 1n};
        expect('the older search', ids((await this.points.search(search)).result), [U8]);
    }

    async scroll() {
        const collectionName = this.name;
        const withPayload = {selectorOptions: {case: 'include', value: {fields: ['count']}}};
        let page = await this.points.scroll({collectionName, limit: 5, withPayload});
        expect('first page', [...ids(page.result), fromId(page.nextPageOffset)], [1, 2, 3, 4, 5, 6]);
        expect('selected payload', fromPayload(page.result[4].payload), {count: 5});
        page = await this.points.scroll({collectionName, limit: 5, offset: toId(6)});
        expect('last page', [ids(page.result), page.nextPageOffset], [[6, 7, U8], undefined]);
        page = await this.points.scroll({collectionName, limit: 3, orderBy: {key: 'count', direction: Direction.Desc}});
        expect('in order', ids(page.result), [U8, 7, 6]);
    }

    async changePayloads() {
        const given = {collectionName: this.name, wait: true};
        const red = () => this.count(must(match('color', 'red')));
        const payload = toPayload({color: 'red'});
        await this.points.setPayload({...given, payload, pointsSelector: pointList(2, 3)});
        await this.points.setPayload({...given, payload, pointsSelector: matching(must(match('city', 'Berlin')))});
        expect('red', await red(), 3);
        await this.points.deletePayload({...given, keys: ['color'], pointsSelector: pointList(3, 6)});
        expect('red after delete', await red(), 1);
        await this.points.overwritePayload({...given, payload: toPayload({count: 4}), pointsSelector: pointList(4)});
        expect('overwritten', fromPayload((await this.retrieve(4))[0].payload), {count: 4});
        await this.points.clearPayload({...given, points: pointList(5)});
        expect('cleared', fromPayload((await this.retrieve(5))[0].payload), {});
    }

    async changeVectors() {
        const given = {collectionName: this.name, wait: true};
        await this.points.updateVectors({...given, points: [{id: toId(1), vectors: toVectors({text: [100, 0, 0]})}]});
        expect('moved', ids(await this.ask({query: nearest([99, 0, 0]), using: 'text', limit: 1n})), [1]);
        await this.points.deleteVectors({...given, vectors: {names: ['text']}, pointsSelector: pointList(2)});
        expect('vectors left', fromVectors((await this.retrieve(2))[0].vectors), {image: vectorsOf(2).image});
        const operations = [
            {operation: {case: 'upsert', value: {points: [point(9)]}}},
            {operation: {case: 'deletePoints', value: {points: pointList(9)}}},
        ];
        const {result} = await this.points.updateBatch({...given, operations});
        expect('batch', result.map((one) => one.status), [UpdateStatus.Completed, UpdateStatus.Completed]);
    }

    async deletePoints() {
        const given = {collectionName: this.name, wait: true};
        await this.points.delete({...given, points: pointList(1)});
        await this.points.delete({...given, points: matching(must(match('city', 'Berlin')))});
        expect('left', ids((await this.points.scroll({collectionName: this.name})).result), [2, 4, 5, 7, U8]);
    }

    async refuse() {
        const short = () => this.ask({query: nearest([1]), using: 'image'});
        await expectRefusal('a vector of the wrong length', short, 'expected dim: 4, got 1');
        const absent = () => this.points.count({collectionName: 'no-such-collection'});
        await expectRefusal('an absent collection', absent, 'no-such-collection');
    }

    async drop() {
        const collectionName = this.name;
        await this.collections.updateAliases({actions: [{action: {case: 'deleteAlias', value: {aliasName: this.alias}}}]});
        expect('aliases', (await this.collections.listCollectionAliases({collectionName})).aliases, []);
        expect('dropped', (await this.collections.delete({collectionName})).result, true);
        expect('listed', await this.listed(), false);
    }
}

await main(async ({host, grpcPort, name}) => {
    const scenario = new Scenario(new QdrantClient({host, port: grpcPort}), name);
    await scenario.create();
    await scenario.createIndexes();
    await scenario.upsert();
    await scenario.upsertConditionally();
    await scenario.countByFilters();
    await scenario.query();
    await scenario.queryByFormula();
    await scenario.summarize();
    await scenario.scroll();
    await scenario.changePayloads();
    await scenario.changeVectors();
    await scenario.deletePoints();
    await scenario.refuse();
    await scenario.drop();
});
