//! The scenario of ../README.md through the official client for Rust. A wrong answer panics with what was wanted.

mod points;

use points::*;
use ::qdrant_client::qdrant::start_from::Value as StartFrom;
use ::qdrant_client::qdrant::*;
use ::qdrant_client::{Qdrant, QdrantError};
use serde_json::json;

type Done = Result<(), QdrantError>;

struct Scenario {
    client: Qdrant,
    name: String,
    alias: String,
}

fn must(conditions: impl IntoIterator<Item = Condition>) -> Filter {
    Filter::must(conditions)
}

fn city(name: &str) -> Condition {
    Condition::matches("city", name.to_string())
}

fn list(numbers: &[u64]) -> PointsIdsList {
    PointsIdsList { ids: numbers.iter().map(|number| point_id(*number)).collect() }
}

impl Scenario {
    async fn listed(&self) -> Result<bool, QdrantError> {
        Ok(self.client.list_collections().await?.collections.iter().any(|one| one.name == self.name))
    }

    async fn create(&self) -> Done {
        expect("exists before", self.client.collection_exists(&self.name).await?, false);
        let mut vectors = VectorsConfigBuilder::default();
        vectors.add_named_vector_params("image", VectorParamsBuilder::new(4, Distance::Dot));
        vectors.add_named_vector_params("text", VectorParamsBuilder::new(3, Distance::Euclid));
        self.client.create_collection(CreateCollectionBuilder::new(&self.name).vectors_config(vectors)).await?;
        expect("exists", self.client.collection_exists(&self.name).await?, true);
        expect("listed", self.listed().await?, true);
        self.client.create_alias(CreateAliasBuilder::new(&self.name, &self.alias)).await?;
        let aliases = self.client.list_collection_aliases(&self.name).await?.aliases;
        expect("aliases", aliases.iter().map(|one| &one.alias_name).collect::<Vec<_>>(), [&self.alias]);
        Ok(())
    }

    async fn create_indexes(&self) -> Done {
        let indexes = [
            ("city", FieldType::Keyword),
            ("price", FieldType::Float),
            ("count", FieldType::Integer),
            ("ok", FieldType::Bool),
            ("when", FieldType::Datetime),
            ("place", FieldType::Geo),
            ("title", FieldType::Text),
            ("uid", FieldType::Uuid),
        ];
        for (field, kind) in indexes {
            let request = CreateFieldIndexCollectionBuilder::new(&self.name, field, kind).wait(true);
            self.client.create_field_index(request).await?;
        }
        let info = self.client.collection_info(&self.name).await?.result.expect("an info");
        for (field, kind) in indexes {
            // In answers the kinds are numbered from 1.
            expect(field, info.payload_schema[field].data_type, kind as i32 + 1);
        }
        Ok(())
    }

    async fn count(&self, filter: Filter) -> Result<u64, QdrantError> {
        let request = CountPointsBuilder::new(&self.name).filter(filter).exact(true);
        Ok(self.client.count(request).await?.result.expect("a count").count)
    }

    async fn retrieve(&self, numbers: &[u64]) -> Result<Vec<RetrievedPoint>, QdrantError> {
        let request = GetPointsBuilder::new(&self.name, list(numbers).ids).with_payload(true).with_vectors(true);
        Ok(self.client.get_points(request).await?.result)
    }

    async fn upsert(&self) -> Done {
        let points: Vec<_> = (1..9).map(point).collect();
        let answer = self.client.upsert_points(UpsertPointsBuilder::new(&self.name, points).wait(true)).await?;
        expect("upsert", answer.result.expect("a result").status(), UpdateStatus::Completed);
        expect("count", self.count(Filter::default()).await?, 8);
        for (record, number) in self.retrieve(&[1, 8]).await?.into_iter().zip([1, 8]) {
            expect("id", record.id, Some(point_id(number)));
            expect("payload", from_payload(record.payload), payload_of(number));
            let Some(vectors_output::VectorsOptions::Vectors(named)) = record.vectors.unwrap().vectors_options else {
                panic!("no named vectors");
            };
            for (name, wanted) in vectors_of(number) {
                expect(&name, named.vectors[&name].vector.clone(), Some(vector_output::Vector::Dense(DenseVector { data: wanted })));
            }
        }
        Ok(())
    }

    async fn expect_city(&self, what: &str, wanted: &str) -> Done {
        let payload = from_payload(self.retrieve(&[1]).await?.remove(0).payload);
        expect(what, payload["city"].clone(), json!(wanted));
        Ok(())
    }

    async fn upsert_conditionally(&self) -> Done {
        let upsert = |point| UpsertPointsBuilder::new(&self.name, vec![point]).wait(true);
        let counted = |count: i64| must([Condition::matches("count", count)]);
        self.client.upsert_points(upsert(paris()).update_filter(counted(1000))).await?;
        self.expect_city("city after a condition that fails", "London").await?;
        self.client.upsert_points(upsert(paris()).update_filter(counted(1))).await?;
        self.expect_city("city after a condition that holds", "Paris").await?;
        self.client.upsert_points(upsert(point(1)).update_mode(UpdateMode::InsertOnly)).await?;
        self.expect_city("city after insert only", "Paris").await
    }

    async fn count_by_filters(&self) -> Done {
        let center = Some(GeoPoint { lon: 12.0, lat: 50.0 });
        let above = Range { gt: Some(6.0), ..Default::default() };
        let later = DatetimeRange { gte: Some(Timestamp::date(2024, 1, 5).unwrap()), ..Default::default() };
        let kind = Condition::matches("kind", "a".to_string());
        let wanted = [
            (must([city("Moscow")]), 3),
            (must([Condition::matches("tags", vec!["odd".to_string(), "none".to_string()])]), 4),
            (must([Condition::matches_text("title", "number 3")]), 1),
            (must([Condition::range("price", Range { gte: Some(5.25), lt: Some(7.25), ..Default::default() })]), 2),
            (must([Condition::datetime_range("when", later)]), 4),
            (must([Condition::geo_radius("place", GeoRadius { center, radius: 100_000.0 })]), 3),
            (must([Condition::values_count("tags", ValuesCount { gte: Some(2), ..Default::default() })]), 8),
            (must([Condition::is_null("nothing")]), 8),
            (must([Condition::is_empty("city")]), 0),
            (must([Condition::has_id([point_id(1), point_id(8), point_id(77)])]), 2),
            (must([Condition::has_vector("text")]), 8),
            (must([Condition::nested("parts", must([kind, Condition::range("size", above)]))]), 2),
            (Filter::must_not([Condition::matches("ok", true)]), 4),
            (Filter::should([Condition::matches("count", 1), city("Berlin")]), 3),
            (Filter::min_should(2, [Condition::matches("count", 3), city("Berlin"), Condition::matches("ok", true)]), 2),
        ];
        for (filter, count) in wanted {
            let what = format!("count of {filter:?}");
            expect(&what, self.count(filter).await?, count);
        }
        let filter = must([city("Berlin"), Condition::range("price", Range { gte: Some(5.0), ..Default::default() })]);
        let request = QueryPointsBuilder::new(&self.alias).query(first_axis()).using("image").filter(filter);
        expect("filtered, by alias", ids(&self.client.query(request).await?.result), ["6"]);
        Ok(())
    }

    async fn ask(&self, change: impl FnOnce(QueryPointsBuilder) -> QueryPointsBuilder) -> Result<Vec<ScoredPoint>, QdrantError> {
        Ok(self.client.query(change(QueryPointsBuilder::new(&self.name))).await?.result)
    }

    async fn query(&self) -> Done {
        let hits = self.ask(|request| request.query(first_axis()).using("image").limit(3).with_payload(true)).await?;
        expect("nearest", ids(&hits), [U8, "7", "6"]);
        expect_scores("scores", &hits, &[8.0, 7.0, 6.0]);
        expect("payload of a hit", from_payload(hits[1].payload.clone()), payload_of(7));
        let hits = self.ask(|request| request.query(vec![5.2, 0.0, 0.0]).using("text").limit(2)).await?;
        expect("nearest by distance", ids(&hits), ["5", "6"]);
        expect_scores("distances", &hits, &[0.2, 0.8]);
        let images = PrefetchQueryBuilder::default().query(first_axis()).using("image").limit(3u64);
        let texts = PrefetchQueryBuilder::default().query(vec![6.2, 0.0, 0.0]).using("text").limit(3u64);
        let prefetch = vec![images.build(), texts.build()];
        let hits = self.ask(|request| request.prefetch(prefetch).query(Fusion::Rrf)).await?;
        expect("fused", ids(&hits), ["6", "7", U8, "5"]);
        expect_scores("fused scores", &hits, &[0.75, 2.0 / 3.0, 0.5, 0.25]);
        let positive = RecommendInput { positive: vec![1.into()], ..Default::default() };
        let hits = self.ask(|request| request.query(positive).using("image").limit(2)).await?;
        expect("recommend", ids(&hits), [U8, "7"]);
        let pairs = vec![ContextInputPair { positive: Some(7.into()), negative: Some(1.into()) }];
        let discover = DiscoverInput { target: Some(first_axis().into()), context: Some(ContextInput { pairs }) };
        let hits = self.ask(|request| request.query(discover).using("image").limit(1)).await?;
        expect("discover", ids(&hits), [U8]);
        let order = OrderByBuilder::new("count").direction(Direction::Desc as i32).start_from(StartFrom::Integer(5));
        let hits = self.ask(|request| request.query(Query::new_order_by(order)).limit(2)).await?;
        expect("order_by", ids(&hits), ["5", "4"]);
        Ok(())
    }

    async fn query_by_formula(&self) -> Done {
        let odd = Expression::condition(Condition::matches("ok", false));
        let boost = Expression::mult_with([Expression::constant(10.0), odd]);
        let formula = FormulaBuilder::new(Expression::sum_with([Expression::score(), boost]));
        let prefetch = PrefetchQueryBuilder::default().query(first_axis()).using("image").limit(8u64).build();
        let hits = self.ask(|request| request.prefetch(vec![prefetch]).query(formula).limit(2)).await?;
        expect("formula", ids(&hits), ["7", "5"]);
        expect_scores("formula scores", &hits, &[17.0, 15.0]);
        Ok(())
    }

    async fn summarize(&self) -> Done {
        let nearest = QueryPointsBuilder::new(&self.name).query(first_axis()).using("image").limit(1).build();
        let first = QueryPointsBuilder::new(&self.name).limit(2).build();
        let answers = self.client.query_batch(QueryBatchPointsBuilder::new(&self.name, vec![nearest, first])).await?.result;
        expect("batch", answers.iter().map(|answer| ids(&answer.result)).collect::<Vec<_>>(), [vec![U8], vec!["1", "2"]]);
        let request = QueryPointGroupsBuilder::new(&self.name, "city").query(first_axis()).using("image");
        let groups = self.client.query_groups(request.limit(2u64).group_size(1u64)).await?.result.unwrap().groups;
        expect("groups", groups.iter().map(|group| ids(&group.hits)).collect::<Vec<_>>(), [[U8], ["7"]]);
        let facet = self.client.facet(FacetCountsBuilder::new(&self.name, "city").exact(true)).await?.hits;
        expect("facet", facet.iter().map(|hit| hit.count).collect::<Vec<_>>(), [3, 2, 2, 1]);
        let only = must([Condition::has_id([point_id(1), point_id(2), point_id(8)])]);
        let request = SearchMatrixPointsBuilder::new(&self.name).filter(only).using("image").sample(10).limit(1);
        let pairs = self.client.search_matrix_pairs(request).await?.result.unwrap().pairs;
        let told: Vec<_> = pairs.iter().map(|pair| (text_of(pair.a.as_ref()), text_of(pair.b.as_ref()))).collect();
        expect("matrix", told, [("1", U8), ("2", U8), (U8, "2")].map(|(a, b)| (a.to_string(), b.to_string())));
        Ok(())
    }

    async fn scroll(&self) -> Done {
        let page = self.client.scroll(ScrollPointsBuilder::new(&self.name).limit(5)).await?;
        let told = |page: &ScrollResponse| page.result.iter().map(|one| text_of(one.id.as_ref())).collect::<Vec<_>>();
        expect("first page", told(&page), ["1", "2", "3", "4", "5"]);
        let next = page.next_page_offset.expect("there is a next page");
        let page = self.client.scroll(ScrollPointsBuilder::new(&self.name).limit(5).offset(next)).await?;
        expect("last page", told(&page), ["6", "7", U8]);
        expect("no further page", page.next_page_offset, None);
        let order = OrderByBuilder::new("count").direction(Direction::Desc as i32);
        let page = self.client.scroll(ScrollPointsBuilder::new(&self.name).limit(3).order_by(order)).await?;
        expect("in order", told(&page), [U8, "7", "6"]);
        Ok(())
    }

    async fn change_payloads(&self) -> Done {
        let red = must([Condition::matches("color", "red".to_string())]);
        let set = || SetPayloadPointsBuilder::new(&self.name, to_payload(json!({"color": "red"}))).wait(true);
        self.client.set_payload(set().points_selector(list(&[2, 3]))).await?;
        self.client.set_payload(set().points_selector(must([city("Berlin")]))).await?;
        expect("red", self.count(red.clone()).await?, 3);
        let keys = vec!["color".to_string()];
        let delete = DeletePayloadPointsBuilder::new(&self.name, keys).wait(true).points_selector(list(&[3, 6]));
        self.client.delete_payload(delete).await?;
        expect("red after delete", self.count(red).await?, 1);
        let overwrite = SetPayloadPointsBuilder::new(&self.name, to_payload(json!({"count": 4}))).wait(true);
        self.client.overwrite_payload(overwrite.points_selector(list(&[4]))).await?;
        expect("overwritten", from_payload(self.retrieve(&[4]).await?.remove(0).payload), json!({"count": 4}));
        self.client.clear_payload(ClearPayloadPointsBuilder::new(&self.name).wait(true).points(list(&[5]))).await?;
        expect("cleared", from_payload(self.retrieve(&[5]).await?.remove(0).payload), json!({}));
        Ok(())
    }

    async fn change_vectors(&self) -> Done {
        let text = NamedVectors::default().add_vector("text", vec![100.0, 0.0, 0.0]);
        let moved = PointVectors { id: Some(1.into()), vectors: Some(text.into()) };
        self.client.update_vectors(UpdatePointVectorsBuilder::new(&self.name, vec![moved]).wait(true)).await?;
        let hits = self.ask(|request| request.query(vec![99.0, 0.0, 0.0]).using("text").limit(1)).await?;
        expect("moved", ids(&hits), ["1"]);
        let names = VectorsSelector { names: vec!["text".to_string()] };
        let delete = DeletePointVectorsBuilder::new(&self.name).vectors(names).points_selector(list(&[2])).wait(true);
        self.client.delete_vectors(delete).await?;
        expect("points with a text", self.count(must([Condition::has_vector("text")])).await?, 7);
        Ok(())
    }

    async fn delete_points(&self) -> Done {
        let delete = || DeletePointsBuilder::new(&self.name).wait(true);
        self.client.delete_points(delete().points(list(&[1]))).await?;
        self.client.delete_points(delete().points(must([city("Berlin")]))).await?;
        expect("left", self.count(Filter::default()).await?, 5);
        Ok(())
    }

    async fn refuse(&self) -> Done {
        let error = self.ask(|request| request.query(vec![1.0]).using("image")).await.expect_err("it is too short");
        expect(&error.to_string(), error.to_string().contains("expected dim: 4, got 1"), true);
        let error = self.client.count(CountPointsBuilder::new("no-such-collection")).await.expect_err("it is absent");
        expect(&error.to_string(), error.to_string().contains("no-such-collection"), true);
        Ok(())
    }

    async fn drop(&self) -> Done {
        self.client.delete_alias(self.alias.as_str()).await?;
        expect("aliases", self.client.list_collection_aliases(&self.name).await?.aliases.len(), 0);
        expect("dropped", self.client.delete_collection(&self.name).await?.result, true);
        expect("listed", self.listed().await?, false);
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Done {
    let arguments: Vec<String> = std::env::args().collect();
    let client = Qdrant::from_url(&format!("http://{}:{}", arguments[1], arguments[3])).build()?;
    let name = arguments[4].clone();
    let scenario = Scenario { client, alias: format!("{name}-alias"), name };
    scenario.create().await?;
    scenario.create_indexes().await?;
    scenario.upsert().await?;
    scenario.upsert_conditionally().await?;
    scenario.count_by_filters().await?;
    scenario.query().await?;
    scenario.query_by_formula().await?;
    scenario.summarize().await?;
    scenario.scroll().await?;
    scenario.change_payloads().await?;
    scenario.change_vectors().await?;
    scenario.delete_points().await?;
    scenario.refuse().await?;
    scenario.drop().await
}
