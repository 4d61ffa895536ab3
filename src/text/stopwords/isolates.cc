#include "text/stopwords/lists.h"

// Source and licence of the words: lists.h.
namespace sextant::text::stopword_lists {

// clang-format off
const std::string_view kBasque =
    "ahala aitzitik al ala alabadere alabaina aldiz alta amaitu amaitzeko anitz antzina arabera argi arratsaldero "
    "arte artean asko aspaldiko aurrera azkenez azkenik ba bada badarik badere bai baina baino baita baizik "
    "baldin barren bat batean batek baten batera batez bati batzuei batzuek batzuetan batzuk bazen bederen "
    "bederik beharrez behiala behin behinik behinola behintzat bera beraiek beranduago berau berauek beraz bere "
    "berean berebat berehala berori beroriek berriro berriz bertzalde bertzenaz bestalde beste bestela besterik "
    "bezain bezala bide bien bigarrenez bigarrenik bitartean bizkitartean bukaeran bukatzeko da dago dela delarik "
    "den dena dezadan dira ditu du dute edo edota egin egun egunean emateko era erdi ere esan esanak esandakoaren "
    "eta eurak ez eze ezen ezer ezezik ezik ezpabere ezpada ezpere ezperen ezta funtsean gabe gain gainera "
    "gainerontzean gaur gero geroago gisa gu gutxi guzti guztia guztiz haatik haiei haiek haietan hain hainbeste "
    "hainbestez hala halaber halako halatan han handik hango hara hargatik hari hark hartan hasi hasiera hasieran "
    "hasteaz hasteko hau hauei hauek hauetan hemen hemendik hemengo hi hona honebestez honek honela honen honetan "
    "honetaz honi hor hori horiei horiek horietan horko horra horratik horregatik horrek horrela horren "
    "horrenbestez horretan horri hortaz hortik hura ikusi izan jarraituz kariaz kasuaz kontuan laburbilduz "
    "laburki laster lehen lehen-lehenik lehenengo lehenik litzateke medio mendean mundura nahiz ni noiz nola non "
    "nondik nongo nor nora on ondoren ondorio ondorioz orain ordea orduan orduko ordura orobat ostean ostera "
    "osterantzean pentsatuz ustez ze zein zen zenbait zenbat zer zeren zergatik ziren zituen zu zuek zuen zuten "
    "zuzen";

const std::string_view kGreek =
    "αλλα αν αντι απο αυτα αυτεσ αυτη αυτο αυτοι αυτοσ αυτουσ αυτων αἱ αἳ αἵ αὐτόσ αὐτὸς αὖ γάρ γα γα^ γε για "
    "γοῦν γὰρ δ' δέ δή δαί δαίσ δαὶ δαὶς δε δεν δι' διά διὰ δὲ δὴ δ’ εαν ειμαι ειμαστε ειναι εισαι ειστε εκεινα "
    "εκεινεσ εκεινη εκεινο εκεινοι εκεινοσ εκεινουσ εκεινων ενω επ επι εἰ εἰμί εἰμὶ εἰς εἰσ εἴ εἴμι εἴτε η θα "
    "ισωσ κ καί καίτοι καθ και κατ κατά κατα κατὰ καὶ κι κἀν κἂν μέν μή μήτε μα με μεθ μετ μετά μετα μετὰ μη μην "
    "μἐν μὲν μὴ μὴν να ο οι ομωσ οπωσ οσο οτι οἱ οἳ οἷς οὐ οὐδ οὐδέ οὐδείσ οὐδεὶς οὐδὲ οὐδὲν οὐκ οὐχ οὐχὶ οὓς "
    "οὔτε οὕτω οὕτως οὕτωσ οὖν οὗ οὗτος οὗτοσ παρ παρά παρα παρὰ περί περὶ ποια ποιεσ ποιο ποιοι ποιοσ ποιουσ "
    "ποιων ποτε που ποῦ προ προσ πρόσ πρὸ πρὸς πως πωσ σε στη στην στο στον σόσ σύ σύν σὸς σὺ σὺν τά τήν τί τίς "
    "τίσ τα ταῖς τε την τησ τι τινα τις τισ το τοί τοι τοιοῦτος τοιοῦτοσ τον τοτε του τούσ τοὺς τοῖς τοῦ των τό "
    "τόν τότε τὰ τὰς τὴν τὸ τὸν τῆς τῆσ τῇ τῶν τῷ ωσ ἀλλ' ἀλλά ἀλλὰ ἀλλ’ ἀπ ἀπό ἀπὸ ἀφ ἂν ἃ ἄλλος ἄλλοσ ἄν ἄρα "
    "ἅμα ἐάν ἐγώ ἐγὼ ἐκ ἐμόσ ἐμὸς ἐν ἐξ ἐπί ἐπεὶ ἐπὶ ἐστι ἐφ ἐὰν ἑαυτοῦ ἔτι ἡ ἢ ἣ ἤ ἥ ἧς ἵνα ὁ ὃ ὃν ὃς ὅ ὅδε ὅθεν "
    "ὅπερ ὅς ὅσ ὅστις ὅστισ ὅτε ὅτι ὑμόσ ὑπ ὑπέρ ὑπό ὑπὲρ ὑπὸ ὡς ὡσ ὥς ὥστε ὦ ᾧ";
// clang-format on

}  // namespace sextant::text::stopword_lists
