#include "text/stopwords/lists.h"

// Source and licence of the words: lists.h.
namespace sextant::text::stopword_lists {

// clang-format off
const std::string_view kAzerbaijani =
    "a ad altmış altı amma arasında artıq ay az bax belə beş bilər bir biraz biri birşey biz bizim bizlər bu buna "
    "bundan bunların bunu bunun buradan bütün bəli bəlkə bəy bəzi bəzən ci cu cü cı da daha dedi deyil dir doqquz "
    "doqsan dörd düz də dək dən dəqiqə edir edən elə et etdi etmə etmək faiz gilə görə ha haqqında harada heç hə "
    "həm həmin həmişə hər idi iki il ildə ilk ilə in indi istifadə isə iyirmi ki kim kimi kimə lakin lap mirşey "
    "məhz mən mənə niyə nə nəhayət o obirisi of olan olar olaraq oldu olduğu olmadı olmaz olmuşdur olsun olur on "
    "ona ondan onlar onlardan onların onsuzda onu onun oradan otuz qarşı qırx qədər saat sadəcə saniyə siz sizin "
    "sizlər sonra səhv səkkiz səksən sən sənin sənə təəssüf var və xan xanım xeyr ya yalnız yaxşı yeddi yenə "
    "yetmiş yox yoxdur yoxsa yüz yəni zaman çox çünki öz özü ü üç üçün ı ə əgər əlbəttə əlli ən əslində";

const std::string_view kFinnish =
    "ei eivät emme en et ette että he heidän heidät heihin heille heillä heiltä heissä heistä heitä hän häneen "
    "hänelle hänellä häneltä hänen hänessä hänestä hänet häntä itse ja johon joiden joihin joiksi joilla joille "
    "joilta joina joissa joista joita joka joksi jolla jolle jolta jona jonka jos jossa josta jota jotka kanssa "
    "keiden keihin keiksi keille keillä keiltä keinä keissä keistä keitä keneen keneksi kenelle kenellä keneltä "
    "kenen kenenä kenessä kenestä kenet ketkä ketä koska kuin kuka kun me meidän meidät meihin meille meillä "
    "meiltä meissä meistä meitä mihin miksi mikä mille millä miltä minkä minua minulla minulle minulta minun "
    "minussa minusta minut minuun minä missä mistä mitkä mitä mukaan mutta ne niiden niihin niiksi niille niillä "
    "niiltä niin niinä niissä niistä niitä noiden noihin noiksi noilla noille noilta noin noina noissa noista "
    "noita nuo nyt näiden näihin näiksi näille näillä näiltä näinä näissä näistä näitä nämä ole olemme olen olet "
    "olette oli olimme olin olisi olisimme olisin olisit olisitte olisivat olit olitte olivat olla olleet ollut "
    "on ovat poikki se sekä sen siihen siinä siitä siksi sille sillä siltä sinua sinulla sinulle sinulta sinun "
    "sinussa sinusta sinut sinuun sinä sitä tai tallä te teidän teidät teihin teille teillä teiltä teissä teistä "
    "teitä tuo tuohon tuoksi tuolla tuolle tuolta tuon tuona tuossa tuosta tuotä tähän täksi tälle tältä tämä "
    "tämän tänä tässä tästä tätä vaan vai vaikka yli";

const std::string_view kHungarian =
    "a abban ahhoz ahogy ahol aki akik akkor alatt amely amelyek amelyekben amelyeket amelyet amelynek ami amikor "
    "amit amolyan amíg annak arra arról az azok azon azonban azt aztán azután azzal azért be belül benne bár cikk "
    "cikkek cikkeket csak de e ebben eddig egy egyes egyetlen egyik egyre egyéb egész ehhez ekkor el ellen elsõ "
    "elég elõ elõször elõtt emilyen ennek erre ez ezek ezen ezt ezzel ezért fel felé hanem hiszen hogy hogyan "
    "igen ill ill. illetve ilyen ilyenkor ismét ison itt jobban jó jól kell kellett keressünk keresztül ki kívül "
    "között közül legalább legyen lehet lehetett lenne lenni lesz lett maga magát majd meg mellett mely melyek "
    "mert mi mikor milyen minden mindenki mindent mindig mint mintha mit mivel miért most már más másik még míg "
    "nagy nagyobb nagyon ne nekem neki nem nincs néha néhány nélkül olyan ott pedig persze rá s saját sem semmi "
    "sok sokat sokkal szemben szerint szinte számára talán tehát teljes tovább továbbá több ugyanis utolsó után "
    "utána vagy vagyis vagyok valaki valami valamint való van vannak vele vissza viszont volna volt voltak voltam "
    "voltunk által általában át én éppen és így õ õk õket össze úgy új újabb újra";

const std::string_view kKazakh =
    "ай айтпақшы ал алайда алатау алақай алдақашан ана анау арбаң-арбаң арнайы арс арс-ұрс арсалаң-арсалаң арқылы "
    "астапыралла ау ах аһа бар барлық барша барқ батыр-бұтыр бері бетер беу бойы бойымен болп борт былп біз "
    "бізбен бізге бізден біздер біздерге біздерден біздердің біздермен біздің бірақ бірге бірдеме біреу бірнеше "
    "бүгжең-бүгжең бүйт бүкіл бұл бұндай бұрын бәрекелді бәрі гүрс гөрі далаң-далаң дегенмен дейін дүрс дүңк "
    "дәнеңе е ей емес ербелең-ербелең еш ешбір ешкім ештеме ешқайсы ешқандай ешқашан жалп жалт-жалт жалт-жұлт "
    "жаракімалла желп жоқ жуық ие кейбір кейбіреу кейін кірт күллі күрт күшім күңк кә кәне кәнеки кәні кәһ "
    "масқарай маған маңқ мен менде менен менімен менің митың-митың морт моһ мына мынау мышы мыңқ міне мұндай "
    "мәссаған о одан ой ойпырмай ол олар олардан олардың олармен оларға онда онымен оның осы осылай осынау "
    "осындай ох оған оһо па пай пай-пай паһ-паһ пфша пырс пішту пішә сайын салаң-сұлаң салым сарт сарт-сұрт саған "
    "саңқ себебі сен сенде сенен сенен	онан сенімен сенің сияқты сол солай сона сонау сондай сондықтан сонымен "
    "сорап соң сыңқ сіз сізбен сізге сізден сіздер сіздерге сіздерден сіздердің сіздермен сіздің таман "
    "тарбаң-тарбаң тарс тарс-тұрс тарта таяу тағы тағыда таңқ тек туралы тырс тыңқ түге түгел тәк уа уай уау ура "
    "шамалы шақты шаңқ шаңқ-шаңқ шаңқ-шұңқ шейін шек шырт шіркін шіңк шәйт ыржың-тыржың ырс ырқ ыңқ эй эх я "
    "япырмай ірк ғана ғұрлы ғұрлым қайсыбір қайқаң-құйқаң қалт-қалт қалт-құлт қана қап қарай қаралы қатар "
    "қаңғыр-күңгір қаңқ-қаңқ қаңқ-құңқ қолп қорс қоса қош-қош қызараң-қызараң қыңқ құр құрау құрау-құрау үйт үшін "
    "ә әй әйда әйткенмен әйтпесе әлдекім әлдене әлденеше әлдеқайдан әлдеқалай әлдеқашан әншейін әні әрбір әрине "
    "әркім әрне әрқайсы әрқалай әттеген-ай әттегенай әттең әукім өз өзге өзі өзім өзіме өзімнің өзіне өзінің өзің "
    "өй өйткені";

const std::string_view kTurkish =
    "acaba ama aslında az bazı belki biri birkaç birşey biz bu da daha de defa diye en eğer gibi hem hep hepsi "
    "her hiç ile ise için kez ki kim mu mü mı nasıl ne neden nerde nerede nereye niye niçin o sanki siz tüm ve "
    "veya ya yani çok çünkü şey şu";
// clang-format on

}  // namespace sextant::text::stopword_lists
