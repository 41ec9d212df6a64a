// Made by the build from the contract (scripts/generate-codecs.ts): change that.
import type { ArgOf, ConsentService, Principal, RetOf } from '@medguard/protocol'
import {
  type Arms,
  type Call,
  type Encodable,
  type Endpoints,
  acknowledger,
  BAD_BYTES,
  codec,
  decoder,
  encoder,
  nothing,
  NO_ARM,
  readBlob,
  readBool,
  readLeb,
  readNat32,
  readNat64,
  readNat8,
  readPrincipal,
  readText,
  readVec,
  writeBlob,
  writeBool,
  writeByte,
  writeNat32,
  writeNat64,
  writeNat8,
  writePrincipal,
  writeText,
  writeVec,
} from '../candid.ts'

const configureArgDecoder = /* @__PURE__ */ decoder<Configuration>(() => [1279543620, -620467199, 45908465, -309214616, -446168185, 109959898, -473462151, 24185494, 0], 33, (w) => w[0] === 1279543620 && w[1] === -620467199 && w[2] === 45908465 && w[3] === -309214616 && w[4] === -446168185 && w[5] === 109959898 && w[6] === -473462151 && w[7] === 24185494 && ((w[8] ?? 0) & 255) === 0, readConfiguration)
const configureRetEncoder = /* @__PURE__ */ acknowledger<ConfigureRet>(() => [1279543620, -1191089143, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 309033220, -1176257031, -372375551, 2130878690, -538606887, -1414594302, 2130900216, -2021211737, -219348477, 2130955005, -509181792, -588250364, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194554, 2131214770, -561582192, -410976248, 2131294636, -671174156, -391807223, 84733178, -1279330916, -258341363, 2131686275, -1967390101, -20611327, 17236434, 8], 189, 0, writeConfigureRet)
const enrolArgDecoder = /* @__PURE__ */ decoder<EnrolArg>(() => [1279543620, 1820028162, -610104831, 16777655, 1], 17, (w) => w[0] === 1279543620 && w[1] === 1820028162 && w[2] === -610104831 && w[3] === 16777655 && ((w[4] ?? 0) & 255) === 1, readEnrolArg)
const enrolRetEncoder = /* @__PURE__ */ encoder<EnrolRet>(() => [1279543620, 1820028173, -1376387580, -187236350, 2030487729, -340732418, -456099062, 2030815107, 74187117, 1971453921, -763107326, -1073741110, 63688938, -2003572224, 1819806354, -1900496639, 1819872479, -1829987839, 1819871728, -709449983, 1819870909, -387284991, 1819805571, -671574015, 1819804803, -827737598, -491949820, 1896124050, -491978388, 2030341778, -1107750293, 67221987, -1595741746, -2099675390, 84074469, -185029713, -1045987582, 100894598, -889326867, -2136965373, 117760422, -2081628944, -53707003, 2131098290, -1818388251, -738885882, 134656644, -1045247583, -275742969, 67690118, -106109055, -1309376760, 2131351550, -319100763, -174323444, 168670142, -209456998, 40599310, 50432700, 30604997, 786699], 243, writeEnrolRet)
const whoAmIRetEncoder = /* @__PURE__ */ encoder<WhoAmIRet>(() => [1279543620, 1820028175, -1376387580, -187236350, 2030487729, -340732418, -456099062, 2030815107, 74187117, 1971453921, -763107326, -1073741110, 63688938, -2003572224, 1853360786, -83727357, 167687325, -403067528, 1812204170, -1900496639, 1819872479, -1829987839, 1819871728, -709449983, 1819870909, -387284991, 1819805571, -671574015, 1819804803, -827737598, -491949820, 1896124050, -491978388, 2030341778, -1107750293, 100776419, -1595741746, -2099675390, 117628901, -185029713, -1045987582, 134449030, -889326867, -2136965373, 151314854, -2081628944, -53707003, 2131098290, -1818388251, -738885882, 168211076, -1045247583, -275742969, 101244550, -106109055, -1309376760, 2131351550, -319100763, -174322932, 202224574, -209456998, 40599310, 83987132, 30604997, 917773], 259, writeWhoAmIRet)
const grantArgDecoder = /* @__PURE__ */ decoder<AgreedGrantArg>(() => [1279543620, 1818782984, -21636090, -656508153, 2030207707, -1982758710, -1903034366, 2030419932, -453339474, -1195540979, 2064575228, 2070741358, -167902612, -972881235, 76596685, 1845783931, -2029163517, 40686319, 1971453921, -1009141755, -1979514467, 28826530, -324352253, -1535638616, 62362788, -789921786, -905575477, 79283143, -1716873466, -2139421455, 126085354, -136734856, -66910315, 127269001, -1079796120, 24841913, 7], 145, (w) => w[0] === 1279543620 && w[1] === 1818782984 && w[2] === -21636090 && w[3] === -656508153 && w[4] === 2030207707 && w[5] === -1982758710 && w[6] === -1903034366 && w[7] === 2030419932 && w[8] === -453339474 && w[9] === -1195540979 && w[10] === 2064575228 && w[11] === 2070741358 && w[12] === -167902612 && w[13] === -972881235 && w[14] === 76596685 && w[15] === 1845783931 && w[16] === -2029163517 && w[17] === 40686319 && w[18] === 1971453921 && w[19] === -1009141755 && w[20] === -1979514467 && w[21] === 28826530 && w[22] === -324352253 && w[23] === -1535638616 && w[24] === 62362788 && w[25] === -789921786 && w[26] === -905575477 && w[27] === 79283143 && w[28] === -1716873466 && w[29] === -2139421455 && w[30] === 126085354 && w[31] === -136734856 && w[32] === -66910315 && w[33] === 127269001 && w[34] === -1079796120 && w[35] === 24841913 && ((w[36] ?? 0) & 255) === 7, readAgreedGrantArg)
const revokeArgDecoder = /* @__PURE__ */ decoder<RevokeArg>(() => [1279543620, 1820028162, -610104830, -1761607241, 127268825, 65792], 23, (w) => w[0] === 1279543620 && w[1] === 1820028162 && w[2] === -610104830 && w[3] === -1761607241 && w[4] === 127268825 && ((w[5] ?? 0) & 16777215) === 65792, readRevokeArg)
const revokeRetEncoder = /* @__PURE__ */ encoder<RevokeRet>(() => [1279543620, -2147390455, 126085354, -1191089032, 215977656, -1711182727, 166761196, -1493078919, 113104310, -1744737159, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 309033220, -1176257031, -372375295, 2130878690, -538606887, -1414594046, 2130900216, -2021211737, -219348221, 2130955005, -509181792, -588251132, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194554, 2131214770, -561582192, -410975992, 2131294636, -671174156, -391807223, 84733178, -1279330916, -258341363, 2131686275, -1967390101, -20643839, 17236434, 8], 189, writeRevokeRet)
const agreementArgDecoder = /* @__PURE__ */ decoder<AgreementArg>(() => [1279543620, 1820028162, -136734975, 16779157, 1], 17, (w) => w[0] === 1279543620 && w[1] === 1820028162 && w[2] === -136734975 && w[3] === 16779157 && ((w[4] ?? 0) & 255) === 1, readAgreementArg)
const agreementRetEncoder = /* @__PURE__ */ encoder<AgreementRet>(() => [1279543620, 1820028170, -1900496639, 1819872479, -1829987839, 1819871728, -709449983, 1819870909, -387284991, 1819805571, -671574015, 1819804803, -827737598, -491949820, 1896124050, -491978388, 2030341778, -1107750293, 16890339, -1595741746, -2099675390, 33742821, -185029713, -1045987582, 50562950, -889326867, -2136965373, 67428774, -2081628944, -53707003, 2131098290, -1818388251, -738885882, 84324996, -1045247583, -275742969, 17358470, -106109055, -1309376760, 2131351550, -319100763, -174324212, 118338494, -209456998, 40599310, 101052, 30604997, 590088], 191, writeAgreementRet)
const grantsGivenArgDecoder = /* @__PURE__ */ decoder<GivenArg>(() => [1279543620, 1853582595, -1073517568, 63688938, -1966413311, -814152546, 80973193, 131449], 31, (w) => w[0] === 1279543620 && w[1] === 1853582595 && w[2] === -1073517568 && w[3] === 63688938 && w[4] === -1966413311 && w[5] === -814152546 && w[6] === 80973193 && ((w[7] ?? 0) & 16777215) === 131449, readGivenArg)
const grantsGivenRetEncoder = /* @__PURE__ */ encoder<GrantsGivenRet>(() => [1279543620, -972920044, 28481923, -1062278273, 1837041361, -603558808, 2064121525, -2099521314, -2134214398, 16943569, -1076064622, -1766950651, 2114839802, -352536387, 40794894, 90995565, 44955134, -976370172, -679803760, 113816052, -1328152967, -797242645, 197624804, 1845849465, -1307743112, 3141582, 1371985029, -756054168, -2030740, -1207536255, 27116505, -324352252, -1065876568, 63688938, -385884412, -1761147950, 82942378, -387284869, -1753741437, 127268825, -125174780, -1637349483, 247054243, 1812491643, -2018060542, -1006042729, 27380135, -1191089031, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 309033220, -1176257031, -372372735, 2130878690, -538606887, -1414591486, 2130900216, -2021211737, -219345661, 2130955005, -509181792, -588247548, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912191738, 2131214770, -561582192, -410973432, 2131294636, -671174156, -391807223, 269282554, -1279330916, -258338547, 2131686275, -1967390101, -20641279, 17957330, 19], 373, writeGrantsGivenRet)
const grantsReceivedArgDecoder = /* @__PURE__ */ decoder<PageArg>(() => [1279543620, -368940031, 77499082, -1920348295, 24708307, 0], 21, (w) => w[0] === 1279543620 && w[1] === -368940031 && w[2] === 77499082 && w[3] === -1920348295 && w[4] === 24708307 && ((w[5] ?? 0) & 255) === 0, readPageArg)
const requestAccessArgDecoder = /* @__PURE__ */ decoder<AskArg>(() => [1279543620, 1853582595, -603362304, 2064121525, 1371985029, -610104728, -1728052809, 31761394, -855706504, -1761606991, 82942378, -623925637, -1636299637, 247054243, -541795461, 16846827, 2], 65, (w) => w[0] === 1279543620 && w[1] === 1853582595 && w[2] === -603362304 && w[3] === 2064121525 && w[4] === 1371985029 && w[5] === -610104728 && w[6] === -1728052809 && w[7] === 31761394 && w[8] === -855706504 && w[9] === -1761606991 && w[10] === 82942378 && w[11] === -623925637 && w[12] === -1636299637 && w[13] === 247054243 && w[14] === -541795461 && w[15] === 16846827 && ((w[16] ?? 0) & 255) === 2, readAskArg)
const withdrawRequestArgDecoder = /* @__PURE__ */ decoder<NamedRequestArg>(() => [1279543620, 1820028162, -610104830, -201326153, 45206782, 65792], 23, (w) => w[0] === 1279543620 && w[1] === 1820028162 && w[2] === -610104830 && w[3] === -201326153 && w[4] === 45206782 && ((w[5] ?? 0) & 16777215) === 65792, readNamedRequestArg)
const requestsSentRetEncoder = /* @__PURE__ */ encoder<RequestsSentRet>(() => [1279543620, 1853582608, -1526306048, 44804543, -1297033345, -612433185, 115456210, -2120419457, -1535178345, 226744728, -1765819777, 1853820347, -603100040, 2064121525, 1371985029, -606929816, -1721237065, 31761394, -855706504, -1761606991, 82942378, -136734853, -67041387, 127269001, -1377005208, -1123940192, 165473668, -623925640, -1585967989, 234154654, -1079796221, 1836781241, -1006474236, 27380135, -91437959, 1812269821, -1900496639, 1819872479, -1829987839, 1819871728, -709449983, 1819870909, -387284991, 1819805571, -671574015, 1819804803, -827737598, -491949820, 1896124050, -491978388, 2030341778, -1107750293, 117553635, -1595741746, -2099675390, 134406117, -185029713, -1045987582, 151226246, -889326867, -2136965373, 168092070, -2081628944, -53707003, 2131098290, -1818388251, -738885882, 184988292, -1045247583, -275742969, 118021766, -106109055, -1309376760, 2131351550, -319100763, -174322676, 219001790, -209456998, 40599310, 100764348, 30604997, 983310], 327, writeRequestsSentRet)
const rulesArgDecoder = /* @__PURE__ */ decoder<RulesArg>(() => [1279543620, 1853582595, -1073648640, 63688938, 131329], 19, (w) => w[0] === 1279543620 && w[1] === 1853582595 && w[2] === -1073648640 && w[3] === 63688938 && ((w[4] ?? 0) & 16777215) === 131329, readRulesArg)
const rulesRetEncoder = /* @__PURE__ */ encoder<RulesRet>(() => [1279543620, 1836609036, -1828426648, 5038745, -1476790804, -1815215868, 2064052947, -172889962, 23886606, -544294727, 23886092, -258806630, 23886089, -1110067545, 23886086, -2081887616, 23885831, -2082998120, 40663044, 80652730, -1830638223, 1819346062, -1830638335, 1803093134, -474089198, -838663751, 44098281, -444409473, -1358691617, 49608875, -2034129025, -318438521, 63634930, -1501519745, -268040991, 92531932, -1292055425, -444660230, 110337432, -2066483841, -1593375054, 130134729, -2031120257, -2130507554, 150580455, -21891969, -1518401065, 216857320, -1091199992, -1710682701, 250840048, -1140692097, -989724278, 167891710, 2817], 218, writeRulesRet)
const changeRulesArgDecoder = /* @__PURE__ */ decoder<ChangeRulesArg>(() => [1279543620, 1853582596, -1392088320, 2135200211, -221015090, -657163514, 1745587381, -1477317939, -1376360437, 2131487455, -172889962, 57441038, -1210342774, -356515839, 17026000, -1144347920, 50397707], 68, (w) => w[0] === 1279543620 && w[1] === 1853582596 && w[2] === -1392088320 && w[3] === 2135200211 && w[4] === -221015090 && w[5] === -657163514 && w[6] === 1745587381 && w[7] === -1477317939 && w[8] === -1376360437 && w[9] === 2131487455 && w[10] === -172889962 && w[11] === 57441038 && w[12] === -1210342774 && w[13] === -356515839 && w[14] === 17026000 && w[15] === -1144347920 && w[16] === 50397707, readChangeRulesArg)
const changesRetEncoder = /* @__PURE__ */ encoder<ChangesRet>(() => [1279543620, -1191089143, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 309033220, -1176257031, -372375551, 2130878690, -538606887, -1414594302, 2130900216, -2021211737, -219348477, 2130955005, -509181792, -588250364, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194554, 2131214770, -561582192, -410976248, 2131294636, -671174156, -391807223, 84733178, -1279330916, -258341363, 2131686275, -1967390101, -20613119, 17236434, 8], 189, writeChangesRet)
const deriveKeyArgDecoder = /* @__PURE__ */ decoder<DeriveKeyArg>(() => [1279543620, 1853582595, -33068032, 175605, -1210342774, -356515839, 248784, -1866084922, -1698071804, 2030538452, -1778919017, -1024065273, 956393, 513], 54, (w) => w[0] === 1279543620 && w[1] === 1853582595 && w[2] === -33068032 && w[3] === 175605 && w[4] === -1210342774 && w[5] === -356515839 && w[6] === 248784 && w[7] === -1866084922 && w[8] === -1698071804 && w[9] === 2030538452 && w[10] === -1778919017 && w[11] === -1024065273 && w[12] === 956393 && ((w[13] ?? 0) & 65535) === 513, readDeriveKeyArg)
const deriveKeyRetEncoder = /* @__PURE__ */ encoder<DeriveKeyRet>(() => [1279543620, 1853582604, -2012910592, 63689688, -1462397951, -914880816, 126801050, -909902983, -1845491058, 193367705, -1191089152, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 309033220, -1176257031, -372374783, 2130878690, -538606887, -1414593534, 2130900216, -2021211737, -219347709, 2130955005, -509181792, -588249596, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912193786, 2131214770, -561582192, -410975480, 2131294636, -671174156, -391807223, 135064826, -1279330916, -258340595, 2131686275, -1967390101, -20643327, 17433042, 11], 225, writeDeriveKeyRet)
const postKeyCheckArgDecoder = /* @__PURE__ */ decoder<PostKeyCheckArg>(() => [1279543620, 1853582595, -33133568, 175605, -1210342774, -356515839, 17026000, -875308920, -842661885, 2063896773, -1898669367, 33650951], 48, (w) => w[0] === 1279543620 && w[1] === 1853582595 && w[2] === -33133568 && w[3] === 175605 && w[4] === -1210342774 && w[5] === -356515839 && w[6] === 17026000 && w[7] === -875308920 && w[8] === -842661885 && w[9] === 2063896773 && w[10] === -1898669367 && w[11] === 33650951, readPostKeyCheckArg)
const authoriseListArgDecoder = /* @__PURE__ */ decoder<AuthoriseListArg>(() => [1279543620, 1853582595, -33133568, 175605, -1210342774, -356515839, 248784, -1866084922, -644383996, 17274359, -1214142069, 33646603], 48, (w) => w[0] === 1279543620 && w[1] === 1853582595 && w[2] === -33133568 && w[3] === 175605 && w[4] === -1210342774 && w[5] === -356515839 && w[6] === 248784 && w[7] === -1866084922 && w[8] === -644383996 && w[9] === 17274359 && w[10] === -1214142069 && w[11] === 33646603, readAuthoriseListArg)
const authoriseListRetEncoder = /* @__PURE__ */ encoder<AuthoriseListRet>(() => [1279543620, -1811846134, 114338005, -1191089032, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 309033220, -1176257031, -372375295, 2130878690, -538606887, -1414594046, 2130900216, -2021211737, -219348221, 2130955005, -509181792, -588250108, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194298, 2131214770, -561582192, -410975992, 2131294636, -671174156, -391807223, 101510394, -1279330916, -258341107, 2131686275, -1967390101, -20643839, 17301970, 9], 197, writeAuthoriseListRet)
const authoriseOpenArgDecoder = /* @__PURE__ */ decoder<AuthoriseOpenArg>(() => [1279543620, 1820028165, -1850303229, -1744829958, 132630478, -1862677383, 1828719319, 1811967489, -1376387577, -1568014334, 112603, -2014473790, -356515325, 248784, -1866084922, -644383996, 50828791, -1214142069, 67201035], 76, (w) => w[0] === 1279543620 && w[1] === 1820028165 && w[2] === -1850303229 && w[3] === -1744829958 && w[4] === 132630478 && w[5] === -1862677383 && w[6] === 1828719319 && w[7] === 1811967489 && w[8] === -1376387577 && w[9] === -1568014334 && w[10] === 112603 && w[11] === -2014473790 && w[12] === -356515325 && w[13] === 248784 && w[14] === -1866084922 && w[15] === -644383996 && w[16] === 50828791 && w[17] === -1214142069 && w[18] === 67201035, readAuthoriseOpenArg)
const authoriseOpenRetEncoder = /* @__PURE__ */ encoder<AuthoriseOpenRet>(() => [1279543620, -1006539766, 145661080, -1191089032, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 309033220, -1176257031, -372375295, 2130878690, -538606887, -1414594046, 2130900216, -2021211737, -219348221, 2130955005, -509181792, -588250108, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194298, 2131214770, -561582192, -410975992, 2131294636, -671174156, -391807223, 101510394, -1279330916, -258341107, 2131686275, -1967390101, -20643839, 17301970, 9], 197, writeAuthoriseOpenRet)
const authoriseWriteArgDecoder = /* @__PURE__ */ decoder<AuthoriseWriteArg>(() => [1279543620, 1853582595, -33068032, 175605, -1210342774, -356515839, 248784, -1866084922, -1698071804, 2030538452, -1778919017, -1450508025, 1745598369, 513], 54, (w) => w[0] === 1279543620 && w[1] === 1853582595 && w[2] === -33068032 && w[3] === 175605 && w[4] === -1210342774 && w[5] === -356515839 && w[6] === 248784 && w[7] === -1866084922 && w[8] === -1698071804 && w[9] === 2030538452 && w[10] === -1778919017 && w[11] === -1450508025 && w[12] === 1745598369 && ((w[13] ?? 0) & 65535) === 513, readAuthoriseWriteArg)
const configurationEncoder = /* @__PURE__ */ encoder<Configuration>(() => [1279543620, -620467199, 45908465, -309214616, -446168185, 109959898, -473462151, 24185494, 0], 33, writeConfiguration)
const argumentDecoder = /* @__PURE__ */ decoder<[] | [Configuration]>(() => [1279543620, -620467198, 45908465, -309214616, -446168185, 109959898, -473462151, 1852902038, 65792], 35, (w) => w[0] === 1279543620 && w[1] === -620467198 && w[2] === 45908465 && w[3] === -309214616 && w[4] === -446168185 && w[5] === 109959898 && w[6] === -473462151 && w[7] === 1852902038 && ((w[8] ?? 0) & 16777215) === 65792, (): [] | [Configuration] => readBool() ? [readConfiguration()] : [])
const authoriseListArgEncoder = /* @__PURE__ */ encoder<AuthoriseListArg>(() => [1279543620, 1853582595, -33133568, 175605, -1210342774, -356515839, 248784, -1866084922, -644383996, 17274359, -1214142069, 33646603], 48, writeAuthoriseListArg)
const authoriseListRetDecoder = /* @__PURE__ */ decoder<AuthoriseListRet>(() => [1279543620, -1811846134, 114338005, -1191089032, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 309033220, -1176257031, -372375295, 2130878690, -538606887, -1414594046, 2130900216, -2021211737, -219348221, 2130955005, -509181792, -588250108, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194298, 2131214770, -561582192, -410975992, 2131294636, -671174156, -391807223, 101510394, -1279330916, -258341107, 2131686275, -1967390101, -20643839, 17301970, 9], 197, (w) => w[0] === 1279543620 && w[1] === -1811846134 && w[2] === 114338005 && w[3] === -1191089032 && w[4] === 215977656 && w[5] === -1711182727 && w[6] === 166761196 && w[7] === -1493078919 && w[8] === 113104310 && w[9] === -2147390343 && w[10] === 126085354 && w[11] === -1744737160 && w[12] === 75749368 && w[13] === -1174246280 && w[14] === 1896140457 && w[15] === -1902976339 && w[16] === 23884036 && w[17] === -1902976339 && w[18] === 309033220 && w[19] === -1176257031 && w[20] === -372375295 && w[21] === 2130878690 && w[22] === -538606887 && w[23] === -1414594046 && w[24] === 2130900216 && w[25] === -2021211737 && w[26] === -219348221 && w[27] === 2130955005 && w[28] === -509181792 && w[29] === -588250108 && w[30] === 2131067884 && w[31] === -88933172 && w[32] === -1729790203 && w[33] === 2131137437 && w[34] === -1299917835 && w[35] === -912194298 && w[36] === 2131214770 && w[37] === -561582192 && w[38] === -410975992 && w[39] === 2131294636 && w[40] === -671174156 && w[41] === -391807223 && w[42] === 101510394 && w[43] === -1279330916 && w[44] === -258341107 && w[45] === 2131686275 && w[46] === -1967390101 && w[47] === -20643839 && w[48] === 17301970 && ((w[49] ?? 0) & 255) === 9, readAuthoriseListRet)
const authoriseOpenArgEncoder = /* @__PURE__ */ encoder<AuthoriseOpenArg>(() => [1279543620, 1820028165, -1850303229, -1744829958, 132630478, -1862677383, 1828719319, 1811967489, -1376387577, -1568014334, 112603, -2014473790, -356515325, 248784, -1866084922, -644383996, 50828791, -1214142069, 67201035], 76, writeAuthoriseOpenArg)
const authoriseOpenRetDecoder = /* @__PURE__ */ decoder<AuthoriseOpenRet>(() => [1279543620, -1006539766, 145661080, -1191089032, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 309033220, -1176257031, -372375295, 2130878690, -538606887, -1414594046, 2130900216, -2021211737, -219348221, 2130955005, -509181792, -588250108, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194298, 2131214770, -561582192, -410975992, 2131294636, -671174156, -391807223, 101510394, -1279330916, -258341107, 2131686275, -1967390101, -20643839, 17301970, 9], 197, (w) => w[0] === 1279543620 && w[1] === -1006539766 && w[2] === 145661080 && w[3] === -1191089032 && w[4] === 215977656 && w[5] === -1711182727 && w[6] === 166761196 && w[7] === -1493078919 && w[8] === 113104310 && w[9] === -2147390343 && w[10] === 126085354 && w[11] === -1744737160 && w[12] === 75749368 && w[13] === -1174246280 && w[14] === 1896140457 && w[15] === -1902976339 && w[16] === 23884036 && w[17] === -1902976339 && w[18] === 309033220 && w[19] === -1176257031 && w[20] === -372375295 && w[21] === 2130878690 && w[22] === -538606887 && w[23] === -1414594046 && w[24] === 2130900216 && w[25] === -2021211737 && w[26] === -219348221 && w[27] === 2130955005 && w[28] === -509181792 && w[29] === -588250108 && w[30] === 2131067884 && w[31] === -88933172 && w[32] === -1729790203 && w[33] === 2131137437 && w[34] === -1299917835 && w[35] === -912194298 && w[36] === 2131214770 && w[37] === -561582192 && w[38] === -410975992 && w[39] === 2131294636 && w[40] === -671174156 && w[41] === -391807223 && w[42] === 101510394 && w[43] === -1279330916 && w[44] === -258341107 && w[45] === 2131686275 && w[46] === -1967390101 && w[47] === -20643839 && w[48] === 17301970 && ((w[49] ?? 0) & 255) === 9, readAuthoriseOpenRet)
const authoriseWriteArgEncoder = /* @__PURE__ */ encoder<AuthoriseWriteArg>(() => [1279543620, 1853582595, -33068032, 175605, -1210342774, -356515839, 248784, -1866084922, -1698071804, 2030538452, -1778919017, -1450508025, 1745598369, 513], 54, writeAuthoriseWriteArg)
const authoriseWriteRetDecoder = /* @__PURE__ */ decoder<ConfigureRet>(() => [1279543620, -1191089143, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 309033220, -1176257031, -372375551, 2130878690, -538606887, -1414594302, 2130900216, -2021211737, -219348477, 2130955005, -509181792, -588250364, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194554, 2131214770, -561582192, -410976248, 2131294636, -671174156, -391807223, 84733178, -1279330916, -258341363, 2131686275, -1967390101, -20611327, 17236434, 8], 189, (w) => w[0] === 1279543620 && w[1] === -1191089143 && w[2] === 215977656 && w[3] === -1711182727 && w[4] === 166761196 && w[5] === -1493078919 && w[6] === 113104310 && w[7] === -2147390343 && w[8] === 126085354 && w[9] === -1744737160 && w[10] === 75749368 && w[11] === -1174246280 && w[12] === 1896140457 && w[13] === -1902976339 && w[14] === 23884036 && w[15] === -1902976339 && w[16] === 309033220 && w[17] === -1176257031 && w[18] === -372375551 && w[19] === 2130878690 && w[20] === -538606887 && w[21] === -1414594302 && w[22] === 2130900216 && w[23] === -2021211737 && w[24] === -219348477 && w[25] === 2130955005 && w[26] === -509181792 && w[27] === -588250364 && w[28] === 2131067884 && w[29] === -88933172 && w[30] === -1729790203 && w[31] === 2131137437 && w[32] === -1299917835 && w[33] === -912194554 && w[34] === 2131214770 && w[35] === -561582192 && w[36] === -410976248 && w[37] === 2131294636 && w[38] === -671174156 && w[39] === -391807223 && w[40] === 84733178 && w[41] === -1279330916 && w[42] === -258341363 && w[43] === 2131686275 && w[44] === -1967390101 && w[45] === -20611327 && w[46] === 17236434 && ((w[47] ?? 0) & 255) === 8, readConfigureRet)

export const consentEndpoints: Endpoints<ConsentService, Configuration> = {
  methods: {
    configure: {
      mode: 'update',
      argBytesMax: 512,
      arg: configureArgDecoder,
      ret: configureRetEncoder,
    },
    enrol: {
      mode: 'update',
      argBytesMax: 128,
      arg: enrolArgDecoder,
      ret: enrolRetEncoder,
    },
    whoAmI: {
      mode: 'update',
      argBytesMax: 64,
      arg: nothing,
      ret: whoAmIRetEncoder,
    },
    grant: {
      mode: 'update',
      argBytesMax: 4096,
      arg: grantArgDecoder,
      ret: configureRetEncoder,
    },
    revoke: {
      mode: 'update',
      argBytesMax: 256,
      arg: revokeArgDecoder,
      ret: revokeRetEncoder,
    },
    agreement: {
      mode: 'update',
      argBytesMax: 64,
      arg: agreementArgDecoder,
      ret: agreementRetEncoder,
    },
    grantsGiven: {
      mode: 'update',
      argBytesMax: 128,
      arg: grantsGivenArgDecoder,
      ret: grantsGivenRetEncoder,
    },
    grantsReceived: {
      mode: 'update',
      argBytesMax: 128,
      arg: grantsReceivedArgDecoder,
      ret: grantsGivenRetEncoder,
    },
    requestAccess: {
      mode: 'update',
      argBytesMax: 512,
      arg: requestAccessArgDecoder,
      ret: configureRetEncoder,
    },
    withdrawRequest: {
      mode: 'update',
      argBytesMax: 128,
      arg: withdrawRequestArgDecoder,
      ret: configureRetEncoder,
    },
    denyRequest: {
      mode: 'update',
      argBytesMax: 128,
      arg: withdrawRequestArgDecoder,
      ret: configureRetEncoder,
    },
    requestsSent: {
      mode: 'update',
      argBytesMax: 64,
      arg: grantsReceivedArgDecoder,
      ret: requestsSentRetEncoder,
    },
    requestsReceived: {
      mode: 'update',
      argBytesMax: 128,
      arg: grantsGivenArgDecoder,
      ret: requestsSentRetEncoder,
    },
    rules: {
      mode: 'update',
      argBytesMax: 64,
      arg: rulesArgDecoder,
      ret: rulesRetEncoder,
    },
    changeRules: {
      mode: 'update',
      argBytesMax: 256,
      arg: changeRulesArgDecoder,
      ret: rulesRetEncoder,
    },
    changes: {
      mode: 'query',
      argBytesMax: 64,
      arg: nothing,
      ret: changesRetEncoder,
    },
    deriveKey: {
      mode: 'update',
      argBytesMax: 512,
      arg: deriveKeyArgDecoder,
      ret: deriveKeyRetEncoder,
    },
    postKeyCheck: {
      mode: 'update',
      argBytesMax: 256,
      arg: postKeyCheckArgDecoder,
      ret: configureRetEncoder,
    },
    authoriseList: {
      mode: 'update',
      argBytesMax: 512,
      arg: authoriseListArgDecoder,
      ret: authoriseListRetEncoder,
    },
    authoriseOpen: {
      mode: 'update',
      argBytesMax: 16384,
      arg: authoriseOpenArgDecoder,
      ret: authoriseOpenRetEncoder,
    },
    authoriseWrite: {
      mode: 'update',
      argBytesMax: 512,
      arg: authoriseWriteArgDecoder,
      ret: configureRetEncoder,
    },
  },
  configuration: /* @__PURE__ */ codec(configurationEncoder, configureArgDecoder),
  argument: argumentDecoder,
}
export const authoriseListCall: Call<ArgOf<ConsentService['authoriseList']>, RetOf<ConsentService['authoriseList']>> = {
  name: 'authoriseList',
  arg: authoriseListArgEncoder,
  ret: authoriseListRetDecoder,
}
export const authoriseOpenCall: Call<ArgOf<ConsentService['authoriseOpen']>, RetOf<ConsentService['authoriseOpen']>> = {
  name: 'authoriseOpen',
  arg: authoriseOpenArgEncoder,
  ret: authoriseOpenRetDecoder,
}
export const authoriseWriteCall: Call<ArgOf<ConsentService['authoriseWrite']>, RetOf<ConsentService['authoriseWrite']>> = {
  name: 'authoriseWrite',
  arg: authoriseWriteArgEncoder,
  ret: authoriseWriteRetDecoder,
}

type Configuration = { audit: Principal; records: Principal; derivationsPerHour: number; keyName: string }
type ConfigureRet = { Ok: null } | { Err: Refusal }
type Refusal = { Stale: RefusalStale } | { Paused: null } | { Busy: RefusalBusy } | { Full: null } | { TooLarge: RefusalTooLarge } | { IdConflict: null } | { ConsentEnded: RefusalConsentEnded } | { NotReady: null } | { LogUnavailable: null } | { NotPermitted: null } | { NotYet: RefusalNotYet } | { LowCycles: null } | { StaleEpoch: RefusalStale } | { Unverified: null } | { NotSignedIn: null } | { BadInput: RefusalBadInput } | { KeysUnavailable: RefusalKeysUnavailable } | { AlreadyDone: null }
type RefusalStale = { current: number }
type RefusalBusy = { retryAfterMs: number }
type RefusalTooLarge = { maxBytes: number }
type RefusalConsentEnded = { endNs: bigint }
type RefusalNotYet = { atNs: bigint }
type RefusalBadInput = { field: string; code: string }
type RefusalKeysUnavailable = { code: number }
type EnrolArg = { requestId: Uint8Array }
type EnrolRet = { Ok: Account } | { Err: Refusal }
type Account = { compartments: AccountCompartment[]; accountId: Uint8Array; patientId: Uint8Array; enrolledNs: bigint }
type AccountCompartment = { cid: Uint8Array; minEpoch: number; category: number; currentEpoch: number }
type WhoAmIRet = { Ok: WhoAmI } | { Err: Refusal }
type WhoAmI = { nowNs: bigint; account: [] | [Account] }
type AgreedGrantArg = { terms: [] | [GrantTerms]; compartments: Compartment[]; agreementHash: Uint8Array; requestId: Uint8Array; startNs: bigint; answering: [] | [Uint8Array]; patientId: [] | [Uint8Array]; agreement: [] | [Uint8Array]; rights: number; endNs: bigint; grantId: Uint8Array; grantee: Principal; purpose: number }
type GrantTerms = { categories: number; untilDay: number; excluded: Principal[]; fromDay: number; namesSensitive: boolean; roles: number }
type Compartment = { cid: Uint8Array; compartmentKind: number }
type RevokeArg = { requestId: Uint8Array; grantId: Uint8Array }
type RevokeRet = { Ok: RefusalConsentEnded } | { Err: Refusal }
type AgreementArg = { grantId: Uint8Array }
type AgreementRet = { Ok: Uint8Array } | { Err: Refusal }
type GivenArg = { patientId: [] | [Uint8Array]; from: number; count: number }
type GrantsGivenRet = { Ok: GrantPage } | { Err: Refusal }
type GrantPage = { grants: GrantView[]; total: number }
type GrantView = { status: GrantStatus; patient: Principal; terms: [] | [GrantTerms]; compartments: GrantCompartment[]; agreementHash: Uint8Array; startNs: bigint; patientId: Uint8Array; endedNs: [] | [bigint]; rights: number; endNs: bigint; grantId: Uint8Array; grantee: Principal; purpose: number }
type GrantStatus = { active: null } | { inactive: null }
type GrantCompartment = { cid: Uint8Array; compartmentKind: number; minEpoch: number; category: number; currentEpoch: number }
type PageArg = { from: number; count: number }
type AskArg = { categories: number; patient: Principal; requestId: Uint8Array; expiresNs: bigint; askId: Uint8Array; rights: number; periodNs: bigint; purpose: number; forOrg: [] | [Uint8Array] }
type NamedRequestArg = { requestId: Uint8Array; askId: Uint8Array }
type RequestsSentRet = { Ok: AccessRequestPage } | { Err: Refusal }
type AccessRequestPage = { total: number; requests: AccessRequest[] }
type AccessRequest = { categories: number; patient: Principal; requester: Principal; expiresNs: bigint; askId: Uint8Array; rights: number; grantId: [] | [Uint8Array]; grantee: Principal; state: AccessRequestState; askedNs: bigint; periodNs: bigint; decidedNs: [] | [bigint]; purpose: number }
type AccessRequestState = { expired: null } | { pending: null } | { denied: null } | { approved: null } | { withdrawn: null } | { narrowed: null }
type RulesArg = { patientId: [] | [Uint8Array] }
type RulesRet = { Ok: PatientRules } | { Err: Refusal }
type PatientRules = { pausedNs: [] | [bigint]; blocked: Principal[]; requestsFrom: number; sensitive: number }
type ChangeRulesArg = { requestId: Uint8Array; patientId: [] | [Uint8Array]; change: RulesChange }
type RulesChange = { resume: null } | { requestsFrom: number } | { unblock: Principal } | { block: Principal } | { pause: null } | { sensitive: number }
type ChangesRet = { Ok: bigint } | { Err: Refusal }
type DeriveKeyArg = { cid: Uint8Array; requestId: Uint8Array; patientId: Uint8Array; compartmentKind: number; epoch: number; grantId: [] | [Uint8Array]; transportKey: Uint8Array }
type DeriveKeyRet = { Ok: ReleasedKey } | { Err: Refusal }
type ReleasedKey = { keyCheckValue: [] | [Uint8Array]; leafIndex: bigint; epoch: number; encryptedKey: Uint8Array; shredSalt: Uint8Array }
type PostKeyCheckArg = { cid: Uint8Array; requestId: Uint8Array; patientId: [] | [Uint8Array]; keyCheckValue: Uint8Array; compartmentKind: number; epoch: number }
type AuthoriseListArg = { cid: Uint8Array; requestId: Uint8Array; patientId: Uint8Array; compartmentKind: number; grantId: [] | [Uint8Array]; caller: Principal }
type AuthoriseListRet = { Ok: AuthoriseListRetOk } | { Err: Refusal }
type AuthoriseListRetOk = { leafIndex: bigint }
type AuthoriseOpenArg = { cid: Uint8Array; requestId: Uint8Array; records: OpenedRecord[]; patientId: Uint8Array; compartmentKind: number; grantId: [] | [Uint8Array]; caller: Principal }
type OpenedRecord = { manifestHash: Uint8Array; version: number; recordId: Uint8Array }
type AuthoriseOpenRet = { Ok: AuthoriseOpenRetOk } | { Err: Refusal }
type AuthoriseOpenRetOk = { firstLeafIndex: bigint }
type AuthoriseWriteArg = { cid: Uint8Array; requestId: Uint8Array; patientId: Uint8Array; compartmentKind: number; epoch: number; grantId: [] | [Uint8Array]; caller: Principal }
function readConfiguration(): Configuration {
  return { audit: readPrincipal(), records: readPrincipal(), derivationsPerHour: readNat32(), keyName: readText() }
}
function readEnrolArg(): EnrolArg {
  return { requestId: readBlob() }
}
function readAgreedGrantArg(): AgreedGrantArg {
  return { terms: readBool() ? [readGrantTerms()] : [], compartments: readVec(readCompartment), agreementHash: readBlob(), requestId: readBlob(), startNs: readNat64(), answering: readBool() ? [readBlob()] : [], patientId: readBool() ? [readBlob()] : [], agreement: readBool() ? [readBlob()] : [], rights: readNat8(), endNs: readNat64(), grantId: readBlob(), grantee: readPrincipal(), purpose: readNat8() }
}
function readGrantTerms(): GrantTerms {
  return { categories: readNat8(), untilDay: readNat32(), excluded: readVec(readPrincipal), fromDay: readNat32(), namesSensitive: readBool(), roles: readNat8() }
}
function readCompartment(): Compartment {
  return { cid: readBlob(), compartmentKind: readNat8() }
}
function readRevokeArg(): RevokeArg {
  return { requestId: readBlob(), grantId: readBlob() }
}
function readAgreementArg(): AgreementArg {
  return { grantId: readBlob() }
}
function readGivenArg(): GivenArg {
  return { patientId: readBool() ? [readBlob()] : [], from: readNat32(), count: readNat32() }
}
function readPageArg(): PageArg {
  return { from: readNat32(), count: readNat32() }
}
function readAskArg(): AskArg {
  return { categories: readNat8(), patient: readPrincipal(), requestId: readBlob(), expiresNs: readNat64(), askId: readBlob(), rights: readNat8(), periodNs: readNat64(), purpose: readNat8(), forOrg: readBool() ? [readBlob()] : [] }
}
function readNamedRequestArg(): NamedRequestArg {
  return { requestId: readBlob(), askId: readBlob() }
}
function readRulesArg(): RulesArg {
  return { patientId: readBool() ? [readBlob()] : [] }
}
function readChangeRulesArg(): ChangeRulesArg {
  return { requestId: readBlob(), patientId: readBool() ? [readBlob()] : [], change: readRulesChange() }
}
function readRulesChange(): RulesChange {
  switch (readLeb()) {
    case 0:
      return { resume: null }
    case 1:
      return { requestsFrom: readNat8() }
    case 2:
      return { unblock: readPrincipal() }
    case 3:
      return { block: readPrincipal() }
    case 4:
      return { pause: null }
    case 5:
      return { sensitive: readNat8() }
    default:
      throw BAD_BYTES
  }
}
function readDeriveKeyArg(): DeriveKeyArg {
  return { cid: readBlob(), requestId: readBlob(), patientId: readBlob(), compartmentKind: readNat8(), epoch: readNat32(), grantId: readBool() ? [readBlob()] : [], transportKey: readBlob() }
}
function readPostKeyCheckArg(): PostKeyCheckArg {
  return { cid: readBlob(), requestId: readBlob(), patientId: readBool() ? [readBlob()] : [], keyCheckValue: readBlob(), compartmentKind: readNat8(), epoch: readNat32() }
}
function readAuthoriseListArg(): AuthoriseListArg {
  return { cid: readBlob(), requestId: readBlob(), patientId: readBlob(), compartmentKind: readNat8(), grantId: readBool() ? [readBlob()] : [], caller: readPrincipal() }
}
function readAuthoriseOpenArg(): AuthoriseOpenArg {
  return { cid: readBlob(), requestId: readBlob(), records: readVec(readOpenedRecord), patientId: readBlob(), compartmentKind: readNat8(), grantId: readBool() ? [readBlob()] : [], caller: readPrincipal() }
}
function readOpenedRecord(): OpenedRecord {
  return { manifestHash: readBlob(), version: readNat32(), recordId: readBlob() }
}
function readAuthoriseWriteArg(): AuthoriseWriteArg {
  return { cid: readBlob(), requestId: readBlob(), patientId: readBlob(), compartmentKind: readNat8(), epoch: readNat32(), grantId: readBool() ? [readBlob()] : [], caller: readPrincipal() }
}
function readAuthoriseListRet(): AuthoriseListRet {
  switch (readLeb()) {
    case 0:
      return { Ok: { leafIndex: readNat64() } }
    case 1:
      return { Err: readRefusal() }
    default:
      throw BAD_BYTES
  }
}
function readRefusal(): Refusal {
  switch (readLeb()) {
    case 0:
      return { Stale: { current: readNat32() } }
    case 1:
      return { Paused: null }
    case 2:
      return { Busy: { retryAfterMs: readNat32() } }
    case 3:
      return { Full: null }
    case 4:
      return { TooLarge: { maxBytes: readNat32() } }
    case 5:
      return { IdConflict: null }
    case 6:
      return { ConsentEnded: { endNs: readNat64() } }
    case 7:
      return { NotReady: null }
    case 8:
      return { LogUnavailable: null }
    case 9:
      return { NotPermitted: null }
    case 10:
      return { NotYet: { atNs: readNat64() } }
    case 11:
      return { LowCycles: null }
    case 12:
      return { StaleEpoch: { current: readNat32() } }
    case 13:
      return { Unverified: null }
    case 14:
      return { NotSignedIn: null }
    case 15:
      return { BadInput: { field: readText(), code: readText() } }
    case 16:
      return { KeysUnavailable: { code: readNat32() } }
    case 17:
      return { AlreadyDone: null }
    default:
      throw BAD_BYTES
  }
}
function readAuthoriseOpenRet(): AuthoriseOpenRet {
  switch (readLeb()) {
    case 0:
      return { Ok: { firstLeafIndex: readNat64() } }
    case 1:
      return { Err: readRefusal() }
    default:
      throw BAD_BYTES
  }
}
function readConfigureRet(): ConfigureRet {
  switch (readLeb()) {
    case 0:
      return { Ok: null }
    case 1:
      return { Err: readRefusal() }
    default:
      throw BAD_BYTES
  }
}
function writeConfigureRet(value: Arms<Encodable<ConfigureRet>>): void {
  if (value.Ok !== undefined) writeByte(0)
  else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeRefusal(value: Arms<Encodable<Refusal>>): void {
  if (value.Stale !== undefined) {
    writeByte(0)
    writeNat32(value.Stale.current)
  } else if (value.Paused !== undefined) writeByte(1)
  else if (value.Busy !== undefined) {
    writeByte(2)
    writeNat32(value.Busy.retryAfterMs)
  } else if (value.Full !== undefined) writeByte(3)
  else if (value.TooLarge !== undefined) {
    writeByte(4)
    writeNat32(value.TooLarge.maxBytes)
  } else if (value.IdConflict !== undefined) writeByte(5)
  else if (value.ConsentEnded !== undefined) {
    writeByte(6)
    writeNat64(value.ConsentEnded.endNs)
  } else if (value.NotReady !== undefined) writeByte(7)
  else if (value.LogUnavailable !== undefined) writeByte(8)
  else if (value.NotPermitted !== undefined) writeByte(9)
  else if (value.NotYet !== undefined) {
    writeByte(10)
    writeNat64(value.NotYet.atNs)
  } else if (value.LowCycles !== undefined) writeByte(11)
  else if (value.StaleEpoch !== undefined) {
    writeByte(12)
    writeNat32(value.StaleEpoch.current)
  } else if (value.Unverified !== undefined) writeByte(13)
  else if (value.NotSignedIn !== undefined) writeByte(14)
  else if (value.BadInput !== undefined) {
    writeByte(15)
    writeText(value.BadInput.field)
    writeText(value.BadInput.code)
  } else if (value.KeysUnavailable !== undefined) {
    writeByte(16)
    writeNat32(value.KeysUnavailable.code)
  } else if (value.AlreadyDone !== undefined) writeByte(17)
  else throw NO_ARM
}
function writeEnrolRet(value: Arms<Encodable<EnrolRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeAccount(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeAccount(value: Encodable<Account>): void {
  writeVec(value.compartments, writeAccountCompartment)
  writeBlob(value.accountId)
  writeBlob(value.patientId)
  writeNat64(value.enrolledNs)
}
function writeAccountCompartment(value: Encodable<AccountCompartment>): void {
  writeBlob(value.cid)
  writeNat32(value.minEpoch)
  writeNat8(value.category)
  writeNat32(value.currentEpoch)
}
function writeWhoAmIRet(value: Arms<Encodable<WhoAmIRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeWhoAmI(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeWhoAmI(value: Encodable<WhoAmI>): void {
  writeNat64(value.nowNs)
  if (value.account.length === 0) writeByte(0)
  else {
    writeByte(1)
    writeAccount(value.account[0])
  }
}
function writeRevokeRet(value: Arms<Encodable<RevokeRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeNat64(value.Ok.endNs)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeAgreementRet(value: Arms<Encodable<AgreementRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeBlob(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeGrantsGivenRet(value: Arms<Encodable<GrantsGivenRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeGrantPage(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeGrantPage(value: Encodable<GrantPage>): void {
  writeVec(value.grants, writeGrantView)
  writeNat32(value.total)
}
function writeGrantView(value: Encodable<GrantView>): void {
  writeGrantStatus(value.status)
  writePrincipal(value.patient)
  if (value.terms.length === 0) writeByte(0)
  else {
    writeByte(1)
    writeGrantTerms(value.terms[0])
  }
  writeVec(value.compartments, writeGrantCompartment)
  writeBlob(value.agreementHash)
  writeNat64(value.startNs)
  writeBlob(value.patientId)
  if (value.endedNs.length === 0) writeByte(0)
  else {
    writeByte(1)
    writeNat64(value.endedNs[0])
  }
  writeNat8(value.rights)
  writeNat64(value.endNs)
  writeBlob(value.grantId)
  writePrincipal(value.grantee)
  writeNat8(value.purpose)
}
function writeGrantStatus(value: Arms<Encodable<GrantStatus>>): void {
  if (value.active !== undefined) writeByte(0)
  else if (value.inactive !== undefined) writeByte(1)
  else throw NO_ARM
}
function writeGrantTerms(value: Encodable<GrantTerms>): void {
  writeNat8(value.categories)
  writeNat32(value.untilDay)
  writeVec(value.excluded, writePrincipal)
  writeNat32(value.fromDay)
  writeBool(value.namesSensitive)
  writeNat8(value.roles)
}
function writeGrantCompartment(value: Encodable<GrantCompartment>): void {
  writeBlob(value.cid)
  writeNat8(value.compartmentKind)
  writeNat32(value.minEpoch)
  writeNat8(value.category)
  writeNat32(value.currentEpoch)
}
function writeRequestsSentRet(value: Arms<Encodable<RequestsSentRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeAccessRequestPage(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeAccessRequestPage(value: Encodable<AccessRequestPage>): void {
  writeNat32(value.total)
  writeVec(value.requests, writeAccessRequest)
}
function writeAccessRequest(value: Encodable<AccessRequest>): void {
  writeNat8(value.categories)
  writePrincipal(value.patient)
  writePrincipal(value.requester)
  writeNat64(value.expiresNs)
  writeBlob(value.askId)
  writeNat8(value.rights)
  if (value.grantId.length === 0) writeByte(0)
  else {
    writeByte(1)
    writeBlob(value.grantId[0])
  }
  writePrincipal(value.grantee)
  writeAccessRequestState(value.state)
  writeNat64(value.askedNs)
  writeNat64(value.periodNs)
  if (value.decidedNs.length === 0) writeByte(0)
  else {
    writeByte(1)
    writeNat64(value.decidedNs[0])
  }
  writeNat8(value.purpose)
}
function writeAccessRequestState(value: Arms<Encodable<AccessRequestState>>): void {
  if (value.expired !== undefined) writeByte(0)
  else if (value.pending !== undefined) writeByte(1)
  else if (value.denied !== undefined) writeByte(2)
  else if (value.approved !== undefined) writeByte(3)
  else if (value.withdrawn !== undefined) writeByte(4)
  else if (value.narrowed !== undefined) writeByte(5)
  else throw NO_ARM
}
function writeRulesRet(value: Arms<Encodable<RulesRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writePatientRules(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writePatientRules(value: Encodable<PatientRules>): void {
  if (value.pausedNs.length === 0) writeByte(0)
  else {
    writeByte(1)
    writeNat64(value.pausedNs[0])
  }
  writeVec(value.blocked, writePrincipal)
  writeNat8(value.requestsFrom)
  writeNat8(value.sensitive)
}
function writeChangesRet(value: Arms<Encodable<ChangesRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeNat64(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeDeriveKeyRet(value: Arms<Encodable<DeriveKeyRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeReleasedKey(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeReleasedKey(value: Encodable<ReleasedKey>): void {
  if (value.keyCheckValue.length === 0) writeByte(0)
  else {
    writeByte(1)
    writeBlob(value.keyCheckValue[0])
  }
  writeNat64(value.leafIndex)
  writeNat32(value.epoch)
  writeBlob(value.encryptedKey)
  writeBlob(value.shredSalt)
}
function writeAuthoriseListRet(value: Arms<Encodable<AuthoriseListRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeNat64(value.Ok.leafIndex)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeAuthoriseOpenRet(value: Arms<Encodable<AuthoriseOpenRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeNat64(value.Ok.firstLeafIndex)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeConfiguration(value: Encodable<Configuration>): void {
  writePrincipal(value.audit)
  writePrincipal(value.records)
  writeNat32(value.derivationsPerHour)
  writeText(value.keyName)
}
function writeAuthoriseListArg(value: Encodable<AuthoriseListArg>): void {
  writeBlob(value.cid)
  writeBlob(value.requestId)
  writeBlob(value.patientId)
  writeNat8(value.compartmentKind)
  if (value.grantId.length === 0) writeByte(0)
  else {
    writeByte(1)
    writeBlob(value.grantId[0])
  }
  writePrincipal(value.caller)
}
function writeAuthoriseOpenArg(value: Encodable<AuthoriseOpenArg>): void {
  writeBlob(value.cid)
  writeBlob(value.requestId)
  writeVec(value.records, writeOpenedRecord)
  writeBlob(value.patientId)
  writeNat8(value.compartmentKind)
  if (value.grantId.length === 0) writeByte(0)
  else {
    writeByte(1)
    writeBlob(value.grantId[0])
  }
  writePrincipal(value.caller)
}
function writeOpenedRecord(value: Encodable<OpenedRecord>): void {
  writeBlob(value.manifestHash)
  writeNat32(value.version)
  writeBlob(value.recordId)
}
function writeAuthoriseWriteArg(value: Encodable<AuthoriseWriteArg>): void {
  writeBlob(value.cid)
  writeBlob(value.requestId)
  writeBlob(value.patientId)
  writeNat8(value.compartmentKind)
  writeNat32(value.epoch)
  if (value.grantId.length === 0) writeByte(0)
  else {
    writeByte(1)
    writeBlob(value.grantId[0])
  }
  writePrincipal(value.caller)
}
