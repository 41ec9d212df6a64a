// Made by the build from the contract (scripts/generate-codecs.ts): change that.
import type { Principal, RecordsService } from '@medguard/protocol'
import {
  type Arms,
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

const configureArgDecoder = /* @__PURE__ */ decoder<Configuration>(() => [1279543620, 1818782980, -1059464958, -1426062893, 61181831, 1812033147, -1179805181, -1587019322, 32158616, -2114856190, 23593660, 3], 45, (w) => w[0] === 1279543620 && w[1] === 1818782980 && w[2] === -1059464958 && w[3] === -1426062893 && w[4] === 61181831 && w[5] === 1812033147 && w[6] === -1179805181 && w[7] === -1587019322 && w[8] === 32158616 && w[9] === -2114856190 && w[10] === 23593660 && ((w[11] ?? 0) & 255) === 3, readConfiguration)
const configureRetEncoder = /* @__PURE__ */ acknowledger<ConfigureRet>(() => [1279543620, -1191089143, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 309033220, -1176257031, -372375551, 2130878690, -538606887, -1414594302, 2130900216, -2021211737, -219348477, 2130955005, -509181792, -588250364, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194554, 2131214770, -561582192, -410976248, 2131294636, -671174156, -391807223, 84733178, -1279330916, -258341363, 2131686275, -1967390101, -20611327, 17236434, 8], 189, 0, writeConfigureRet)
const enrolArgDecoder = /* @__PURE__ */ decoder<EnrolArg>(() => [1279543620, 1820028164, -1376387582, -704774142, 2064313264, 57409901, 1971453921, -610104830, -1073741385, 63688938, 196864], 43, (w) => w[0] === 1279543620 && w[1] === 1820028164 && w[2] === -1376387582 && w[3] === -704774142 && w[4] === 2064313264 && w[5] === 57409901 && w[6] === 1971453921 && w[7] === -610104830 && w[8] === -1073741385 && w[9] === 63688938 && ((w[10] ?? 0) & 16777215) === 196864, readEnrolArg)
const grantArgDecoder = /* @__PURE__ */ decoder<GrantArg>(() => [1279543620, 1818782984, -21636090, -656508153, 2030207707, -1982758710, -1903034366, 2030419932, -453339474, -1195540979, 2064575228, 2070741358, -167902612, -972881235, 76596685, 1845783931, -2029294589, 40686319, 1971453921, -1009141755, -1979514467, 28826530, -324352253, -1065876568, 63688938, -1716873466, -2139421455, 126085354, -136734856, -66910315, 127269001, -1079796120, 24841913, 7], 133, (w) => w[0] === 1279543620 && w[1] === 1818782984 && w[2] === -21636090 && w[3] === -656508153 && w[4] === 2030207707 && w[5] === -1982758710 && w[6] === -1903034366 && w[7] === 2030419932 && w[8] === -453339474 && w[9] === -1195540979 && w[10] === 2064575228 && w[11] === 2070741358 && w[12] === -167902612 && w[13] === -972881235 && w[14] === 76596685 && w[15] === 1845783931 && w[16] === -2029294589 && w[17] === 40686319 && w[18] === 1971453921 && w[19] === -1009141755 && w[20] === -1979514467 && w[21] === 28826530 && w[22] === -324352253 && w[23] === -1065876568 && w[24] === 63688938 && w[25] === -1716873466 && w[26] === -2139421455 && w[27] === 126085354 && w[28] === -136734856 && w[29] === -66910315 && w[30] === 127269001 && w[31] === -1079796120 && w[32] === 24841913 && ((w[33] ?? 0) & 255) === 7, readGrantArg)
const revokeArgDecoder = /* @__PURE__ */ decoder<RevokeArg>(() => [1279543620, 1820028162, -610104830, -1761607241, 127268825, 65792], 23, (w) => w[0] === 1279543620 && w[1] === 1820028162 && w[2] === -610104830 && w[3] === -1761607241 && w[4] === 127268825 && ((w[5] ?? 0) & 16777215) === 65792, readRevokeArg)
const revokeRetEncoder = /* @__PURE__ */ encoder<RevokeRet>(() => [1279543620, -2147390455, 126085354, -1191089032, 215977656, -1711182727, 166761196, -1493078919, 113104310, -1744737159, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 309033220, -1176257031, -372375295, 2130878690, -538606887, -1414594046, 2130900216, -2021211737, -219348221, 2130955005, -509181792, -588251132, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194554, 2131214770, -561582192, -410975992, 2131294636, -671174156, -391807223, 84733178, -1279330916, -258341363, 2131686275, -1967390101, -20643839, 17236434, 8], 189, writeRevokeRet)
const grantsGivenArgDecoder = /* @__PURE__ */ decoder<GivenArg>(() => [1279543620, 1853582595, -1073517568, 63688938, -1966413311, -814152546, 80973193, 131449], 31, (w) => w[0] === 1279543620 && w[1] === 1853582595 && w[2] === -1073517568 && w[3] === 63688938 && w[4] === -1966413311 && w[5] === -814152546 && w[6] === 80973193 && ((w[7] ?? 0) & 16777215) === 131449, readGivenArg)
const grantsGivenRetEncoder = /* @__PURE__ */ encoder<GrantsGivenRet>(() => [1279543620, -972920044, 28481923, -1062278273, 1837041361, -603558808, 2064121525, -2099521314, -2134214398, 16943569, -1076064622, -1766950651, 2114839802, -352536387, 40794894, 90995565, 44955134, -976370172, -679803760, 113816052, -1328152967, -797242645, 197624804, 1845849465, -1307743112, 3141582, 1371985029, -756054168, -2030740, -1207536255, 27116505, -324352252, -1065876568, 63688938, -385884412, -1761147950, 82942378, -387284869, -1753741437, 127268825, -125174780, -1637349483, 247054243, 1812491643, -2018060542, -1006042729, 27380135, -1191089031, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 309033220, -1176257031, -372372735, 2130878690, -538606887, -1414591486, 2130900216, -2021211737, -219345661, 2130955005, -509181792, -588247548, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912191738, 2131214770, -561582192, -410973432, 2131294636, -671174156, -391807223, 269282554, -1279330916, -258338547, 2131686275, -1967390101, -20641279, 17957330, 19], 373, writeGrantsGivenRet)
const rulesArgDecoder = /* @__PURE__ */ decoder<RulesArg>(() => [1279543620, 1853582595, -1073648640, 63688938, 131329], 19, (w) => w[0] === 1279543620 && w[1] === 1853582595 && w[2] === -1073648640 && w[3] === 63688938 && ((w[4] ?? 0) & 16777215) === 131329, readRulesArg)
const rulesRetEncoder = /* @__PURE__ */ encoder<RulesRet>(() => [1279543620, 1836609036, -1828426648, 5038745, -1476790804, -1815215868, 2064052947, -172889962, 23886606, -544294727, 23886092, -258806630, 23886089, -1110067545, 23886086, -2081887616, 23885831, -2082998120, 40663044, 80652730, -1830638223, 1819346062, -1830638335, 1803093134, -474089198, -838663751, 44098281, -444409473, -1358691617, 49608875, -2034129025, -318438521, 63634930, -1501519745, -268040991, 92531932, -1292055425, -444660230, 110337432, -2066483841, -1593375054, 130134729, -2031120257, -2130507554, 150580455, -21891969, -1518401065, 216857320, -1091199992, -1710682701, 250840048, -1140692097, -989724278, 167891710, 2817], 218, writeRulesRet)
const changeRulesArgDecoder = /* @__PURE__ */ decoder<ChangeRulesArg>(() => [1279543620, 1853582596, -1392088320, 2135200211, -221015090, -657163514, 1745587381, -1477317939, -1376360437, 2131487455, -172889962, 57441038, -1210342774, -356515839, 17026000, -1144347920, 50397707], 68, (w) => w[0] === 1279543620 && w[1] === 1853582596 && w[2] === -1392088320 && w[3] === 2135200211 && w[4] === -221015090 && w[5] === -657163514 && w[6] === 1745587381 && w[7] === -1477317939 && w[8] === -1376360437 && w[9] === 2131487455 && w[10] === -172889962 && w[11] === 57441038 && w[12] === -1210342774 && w[13] === -356515839 && w[14] === 17026000 && w[15] === -1144347920 && w[16] === 50397707, readChangeRulesArg)
const beginArgDecoder = /* @__PURE__ */ decoder<BeginArg>(() => [1279543620, 1853582595, -32871424, 175605, -1210342774, -356515839, 248784, -1866084922, -644383996, 17274359, -406335848, -1732544249, 2064242415, -678364724, -2036203510, 2030811034, -507906070, 33650699], 72, (w) => w[0] === 1279543620 && w[1] === 1853582595 && w[2] === -32871424 && w[3] === 175605 && w[4] === -1210342774 && w[5] === -356515839 && w[6] === 248784 && w[7] === -1866084922 && w[8] === -644383996 && w[9] === 17274359 && w[10] === -406335848 && w[11] === -1732544249 && w[12] === 2064242415 && w[13] === -678364724 && w[14] === -2036203510 && w[15] === 2030811034 && w[16] === -507906070 && w[17] === 33650699, readBeginArg)
const beginRetEncoder = /* @__PURE__ */ encoder<BeginRet>(() => [1279543620, 1820028171, -175464191, 1811943063, -1900496639, 1819872479, -1829987839, 1819871728, -709449983, 1819870909, -387284991, 1819805571, -671574015, 1819804803, -827737598, -491949820, 1896124050, -491978388, 2030341778, -1107750293, 33667555, -1595741746, -2099675390, 50520037, -185029713, -1045987582, 67340166, -889326867, -2136965373, 84205990, -2081628944, -53707003, 2131098290, -1818388251, -738885882, 101102212, -1045247583, -275742969, 34135686, -106109055, -1309376760, 2131351550, -319100763, -174323956, 135115710, -209456998, 40599310, 16878268, 30604997, 655625], 199, writeBeginRet)
const putChunkArgDecoder = /* @__PURE__ */ decoder<PutChunkArg>(() => [1279543620, 1820028162, -942761980, -864483353, 181899513, -527373568, -1845490708, 200331958, 65913], 35, (w) => w[0] === 1279543620 && w[1] === 1820028162 && w[2] === -942761980 && w[3] === -864483353 && w[4] === 181899513 && w[5] === -527373568 && w[6] === -1845490708 && w[7] === 200331958 && ((w[8] ?? 0) & 16777215) === 65913, readPutChunkArg)
const commitArgDecoder = /* @__PURE__ */ decoder<CommitArg>(() => [1279543620, 1820028162, -610104825, -939523657, 49795218, -942761984, -864483353, 181899513, -1476940032, -1275064959, 260172973, -2137813760, 16781288, 1], 53, (w) => w[0] === 1279543620 && w[1] === 1820028162 && w[2] === -610104825 && w[3] === -939523657 && w[4] === 49795218 && w[5] === -942761984 && w[6] === -864483353 && w[7] === 181899513 && w[8] === -1476940032 && w[9] === -1275064959 && w[10] === 260172973 && w[11] === -2137813760 && w[12] === 16781288 && ((w[13] ?? 0) & 255) === 1, readCommitArg)
const commitRetEncoder = /* @__PURE__ */ encoder<CommitRet>(() => [1279543620, 1820028171, -558391550, -1231193854, 129681, -1195835028, 2030886798, -325451412, 2030694546, -1230569108, 2030484949, -360709780, 2013758440, -124255892, 2013561815, -1447427476, -1385102130, 76452578, -1392415631, 76452578, -116233351, 28959677, -487993854, -645987680, 48227714, -122966269, -1484848396, 59213505, -34411260, -1602288694, 81897088, -321064955, -864090749, 100315900, -1650924161, -176224621, 112362707, -1295408890, -1870723135, 148801263, -1394114302, -193001223, 165150385, -85416577, -1677259540, 229883637, -2081383928, 1803489011, 25869314, -755055359, 167840001], 204, writeCommitRet)
const abandonArgDecoder = /* @__PURE__ */ decoder<AbandonArg>(() => [1279543620, 1820028162, -942761982, -864483353, 181899513, 65792], 23, (w) => w[0] === 1279543620 && w[1] === 1820028162 && w[2] === -942761982 && w[3] === -864483353 && w[4] === 181899513 && ((w[5] ?? 0) & 16777215) === 65792, readAbandonArg)
const beginListArgDecoder = /* @__PURE__ */ decoder<BeginListArg>(() => [1279543620, 1853582595, -33199104, 175605, -1210342774, -356515839, 248784, -1866084922, -644383996, 17274359, 513], 42, (w) => w[0] === 1279543620 && w[1] === 1853582595 && w[2] === -33199104 && w[3] === 175605 && w[4] === -1210342774 && w[5] === -356515839 && w[6] === 248784 && w[7] === -1866084922 && w[8] === -644383996 && w[9] === 17274359 && ((w[10] ?? 0) & 65535) === 513, readBeginListArg)
const beginListRetEncoder = /* @__PURE__ */ encoder<BeginListRet>(() => [1279543620, 1820028171, -1748925692, -1982891930, 2030359437, -574890846, -711720956, 2013712552, -1195835028, 2030886798, -325451412, 2030694546, -1230569108, 2030484949, -360709780, 2013758440, -124255892, 2013561815, -1447427476, -1385102130, 76452578, -1392415631, 76452578, -116233351, 28959677, -487993854, -645987680, 48227714, -122966269, -1484848396, 59213505, -34411260, -1602288694, 81897088, -321064955, -864090749, 100315900, -1650924161, -176224621, 112362707, -1295408890, -1870723135, 148801263, -1394114302, -193001223, 165150385, -85416577, -1677259540, 229883637, -2081383928, 1803489011, 25869314, -755055359, 167840001], 216, writeBeginListRet)
const headersArgDecoder = /* @__PURE__ */ decoder<HeadersArg>(() => [1279543620, 1853582595, -33133568, 175605, -875500864, -842661885, 2063896773, -745698865, -657098492, 2030420105, -1778919017, 33620231], 48, (w) => w[0] === 1279543620 && w[1] === 1853582595 && w[2] === -33133568 && w[3] === 175605 && w[4] === -875500864 && w[5] === -842661885 && w[6] === 2063896773 && w[7] === -745698865 && w[8] === -657098492 && w[9] === 2030420105 && w[10] === -1778919017 && w[11] === 33620231, readHeadersArg)
const headersRetEncoder = /* @__PURE__ */ encoder<HeadersRet>(() => [1279543620, 1836805387, -1191089152, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 309033220, -1176257031, -372375039, 2130878690, -538606887, -1414593790, 2130900216, -2021211737, -219347965, 2130955005, -509181792, -588249852, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194042, 2131214770, -561582192, -410975736, 2131294636, -671174156, -391807223, 118287610, -1279330916, -258340851, 2131686275, -1967390101, -20643583, 17367506, 10], 193, writeHeadersRet)
const listCountsArgDecoder = /* @__PURE__ */ decoder<ListCountsArg>(() => [1279543620, 1853582597, -33264640, 175605, -875500864, -842661885, 2063896773, -1778919017, 40698119, -321584788, 50833558, 1025], 46, (w) => w[0] === 1279543620 && w[1] === 1853582597 && w[2] === -33264640 && w[3] === 175605 && w[4] === -875500864 && w[5] === -842661885 && w[6] === 2063896773 && w[7] === -1778919017 && w[8] === 40698119 && w[9] === -321584788 && w[10] === 50833558 && ((w[11] ?? 0) & 65535) === 1025, readListCountsArg)
const listCountsRetEncoder = /* @__PURE__ */ encoder<ListCountsRet>(() => [1279543620, 1819897098, -1900496639, 1819872479, -1829987839, 1819871728, -709449983, 1819870909, -387284991, 1819805571, -671574015, 1819804803, -827737598, -491949820, 1896124050, -491978388, 2030341778, -1107750293, 16890339, -1595741746, -2099675390, 33742821, -185029713, -1045987582, 50562950, -889326867, -2136965373, 67428774, -2081628944, -53707003, 2131098290, -1818388251, -738885882, 84324996, -1045247583, -275742969, 17358470, -106109055, -1309376760, 2131351550, -319100763, -174324212, 118338494, -209456998, 40599310, 101052, 30604997, 590088], 191, writeListCountsRet)
const openArgDecoder = /* @__PURE__ */ decoder<OpenArg>(() => [1279543620, 1820028165, -942761982, -864483353, 181899513, 1845587200, -33133568, 175605, -1210342774, -1849556991, 33785837, -875500864, -842661885, 2063896773, -1778919017, 67175175], 64, (w) => w[0] === 1279543620 && w[1] === 1820028165 && w[2] === -942761982 && w[3] === -864483353 && w[4] === 181899513 && w[5] === 1845587200 && w[6] === -33133568 && w[7] === 175605 && w[8] === -1210342774 && w[9] === -1849556991 && w[10] === 33785837 && w[11] === -875500864 && w[12] === -842661885 && w[13] === 2063896773 && w[14] === -1778919017 && w[15] === 67175175, readOpenArg)
const openRetEncoder = /* @__PURE__ */ encoder<OpenRet>(() => [1279543620, 1836805388, -1090360320, 77325198, -1667709951, 1819805870, -1900496639, 1819872479, -1829987839, 1819871728, -709449983, 1819870909, -387284991, 1819805571, -671574015, 1819804803, -827737598, -491949820, 1896124050, -491978388, 2030341778, -1107750293, 50444771, -1595741746, -2099675390, 67297253, -185029713, -1045987582, 84117382, -889326867, -2136965373, 100983206, -2081628944, -53707003, 2131098290, -1818388251, -738885882, 117879428, -1045247583, -275742969, 50912902, -106109055, -1309376760, 2131351550, -319100763, -174323700, 151892926, -209456998, 40599310, 33655484, 30604997, 721162], 207, writeOpenRet)
const chunkArgDecoder = /* @__PURE__ */ decoder<ChunkArg>(() => [1279543620, 1853582595, -33068032, 175605, -875500864, -842661885, 2063896773, -1778919017, -828899065, 2030561223, -678364724, -1231945718, 2030825682, 513], 54, (w) => w[0] === 1279543620 && w[1] === 1853582595 && w[2] === -33068032 && w[3] === 175605 && w[4] === -875500864 && w[5] === -842661885 && w[6] === 2063896773 && w[7] === -1778919017 && w[8] === -828899065 && w[9] === 2030561223 && w[10] === -678364724 && w[11] === -1231945718 && w[12] === 2030825682 && ((w[13] ?? 0) & 65535) === 513, readChunkArg)
const chunkRetEncoder = /* @__PURE__ */ encoder<ChunkRet>(() => [1279543620, 1820028170, -1900496639, 1819872479, -1829987839, 1819871728, -709449983, 1819870909, -387284991, 1819805571, -671574015, 1819804803, -827737598, -491949820, 1896124050, -491978388, 2030341778, -1107750293, 16890339, -1595741746, -2099675390, 33742821, -185029713, -1045987582, 50562950, -889326867, -2136965373, 67428774, -2081628944, -53707003, 2131098290, -1818388251, -738885882, 84324996, -1045247583, -275742969, 17358470, -106109055, -1309376760, 2131351550, -319100763, -174324212, 118338494, -209456998, 40599310, 101052, 30604997, 590088], 191, writeChunkRet)
const putShareWrapsArgDecoder = /* @__PURE__ */ decoder<PutShareWrapsArg>(() => [1279543620, 1820028164, -795686908, -1744829705, 132630478, -1862677383, -1275065641, 260172973, 1812032768, -610104829, -1761607241, 127268825, -844175104, 16911746, 3], 57, (w) => w[0] === 1279543620 && w[1] === 1820028164 && w[2] === -795686908 && w[3] === -1744829705 && w[4] === 132630478 && w[5] === -1862677383 && w[6] === -1275065641 && w[7] === 260172973 && w[8] === 1812032768 && w[9] === -610104829 && w[10] === -1761607241 && w[11] === 127268825 && w[12] === -844175104 && w[13] === 16911746 && ((w[14] ?? 0) & 255) === 3, readPutShareWrapsArg)
const putShareWrapsRetEncoder = /* @__PURE__ */ encoder<PutShareWrapsRet>(() => [1279543620, -821990390, 80973193, -1191089031, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 309033220, -1176257031, -372375295, 2130878690, -538606887, -1414594046, 2130900216, -2021211737, -219348221, 2130955005, -509181792, -588250108, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194298, 2131214770, -561582192, -410975992, 2131294636, -671174156, -391807223, 101510394, -1279330916, -258341107, 2131686275, -1967390101, -20643839, 17301970, 9], 197, writePutShareWrapsRet)
const registerOrganisationArgDecoder = /* @__PURE__ */ decoder<RegisterOrganisationArg>(() => [1279543620, 1820028162, -610104828, -553647689, 61443261, -1480403968, -881130312, 80215524, 65905], 35, (w) => w[0] === 1279543620 && w[1] === 1820028162 && w[2] === -610104828 && w[3] === -553647689 && w[4] === 61443261 && w[5] === -1480403968 && w[6] === -881130312 && w[7] === 80215524 && ((w[8] ?? 0) & 16777215) === 65905, readRegisterOrganisationArg)
const setMemberArgDecoder = /* @__PURE__ */ decoder<SetMemberArg>(() => [1279543620, 1820028162, -1315066363, -1972895344, 28826530, -1933713664, -1124072535, 250281144, -170530949, 24645573, 1], 41, (w) => w[0] === 1279543620 && w[1] === 1820028162 && w[2] === -1315066363 && w[3] === -1972895344 && w[4] === 28826530 && w[5] === -1933713664 && w[6] === -1124072535 && w[7] === 250281144 && w[8] === -170530949 && w[9] === 24645573 && ((w[10] ?? 0) & 255) === 1, readSetMemberArg)
const suspendMemberArgDecoder = /* @__PURE__ */ decoder<SuspendMemberArg>(() => [1279543620, 1820028162, -1315066365, -1972895344, 28826530, -1933713664, 16778153, 1], 29, (w) => w[0] === 1279543620 && w[1] === 1820028162 && w[2] === -1315066365 && w[3] === -1972895344 && w[4] === 28826530 && w[5] === -1933713664 && w[6] === 16778153 && ((w[7] ?? 0) & 255) === 1, readSuspendMemberArg)
const acceptMembershipArgDecoder = /* @__PURE__ */ decoder<AcceptMembershipArg>(() => [1279543620, 1820028162, -610104830, -553647689, 61443261, 65792], 23, (w) => w[0] === 1279543620 && w[1] === 1820028162 && w[2] === -610104830 && w[3] === -553647689 && w[4] === 61443261 && ((w[5] ?? 0) & 16777215) === 65792, readAcceptMembershipArg)
const organisationArgDecoder = /* @__PURE__ */ decoder<OrganisationArg>(() => [1279543620, 1820028162, -1933713663, 16778153, 1], 17, (w) => w[0] === 1279543620 && w[1] === 1820028162 && w[2] === -1933713663 && w[3] === 16778153 && ((w[4] ?? 0) & 255) === 1, readOrganisationArg)
const organisationRetEncoder = /* @__PURE__ */ encoder<OrganisationRet>(() => [1279543620, -972788977, 28481923, -558040193, -612432764, 216587709, -2134925185, 1820266392, -271666682, -1649541073, 1744933041, -1950833249, -2070317052, 1745342910, -352536387, -706249970, 2014299637, 2070741358, -640087188, 2030162880, -1632263461, -1109428222, 50571660, -1196965164, -456426748, 1896138749, -1430222340, -1416528374, 2114641120, -1584165657, -1476429811, 51287802, -1761952531, -1968474098, 1745873326, -992345492, -637393449, 262336189, -1191089148, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 309033220, -1176257031, -372374015, 2130878690, -538606887, -1414592766, 2130900216, -2021211737, -219346941, 2130955005, -509181792, -588248828, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912193018, 2131214770, -561582192, -410974712, 2131294636, -671174156, -391807223, 185396474, -1279330916, -258339827, 2131686275, -1967390101, -20642559, 17629650, 14], 337, writeOrganisationRet)
const organisationsArgDecoder = /* @__PURE__ */ decoder<PageArg>(() => [1279543620, -368940031, 77499082, -1920348295, 24708307, 0], 21, (w) => w[0] === 1279543620 && w[1] === -368940031 && w[2] === 77499082 && w[3] === -1920348295 && w[4] === 24708307 && ((w[5] ?? 0) & 255) === 0, readPageArg)
const organisationsRetEncoder = /* @__PURE__ */ encoder<OrganisationsRet>(() => [1279543620, 1820028173, -1059464949, -612826669, 43955618, -1933713544, -738196567, 79210434, -35337349, -59702073, 178962569, -525627010, -411170084, 228692876, -89653384, -318763370, 244775612, -1366643848, 1835536361, -1006474239, 27380135, -1111434887, 1812073950, -1900496639, 1819872479, -1829987839, 1819871728, -709449983, 1819870909, -387284991, 1819805571, -671574015, 1819804803, -827737598, -491949820, 1896124050, -491978388, 2030341778, -1107750293, 67221987, -1595741746, -2099675390, 84074469, -185029713, -1045987582, 100894598, -889326867, -2136965373, 117760422, -2081628944, -53707003, 2131098290, -1818388251, -738885882, 134656644, -1045247583, -275742969, 67690118, -106109055, -1309376760, 2131351550, -319100763, -174323444, 168670142, -209456998, 40599310, 50432700, 30604997, 786699], 275, writeOrganisationsRet)
const membersArgDecoder = /* @__PURE__ */ decoder<MembersArg>(() => [1279543620, 1853582595, -553358336, 61443261, -1966413312, -814152546, 80973193, -136734855, 16844693, 2], 37, (w) => w[0] === 1279543620 && w[1] === 1853582595 && w[2] === -553358336 && w[3] === 61443261 && w[4] === -1966413312 && w[5] === -814152546 && w[6] === 80973193 && w[7] === -136734855 && w[8] === 16844693 && ((w[9] ?? 0) & 255) === 2, readMembersArg)
const membersRetEncoder = /* @__PURE__ */ encoder<MembersRet>(() => [1279543620, -972788979, 28481923, -558040193, -612432764, 216587709, -2134925185, 1820266392, -271666682, -1649541073, 1744933041, -1950833249, -2070317052, 1745342910, -352536387, -706249970, 2014299637, 40632685, -1580619836, -640059135, 33674176, -1195835028, 2030886798, -325451412, 2030694546, -1230569108, 2030484949, -360709780, 2013758440, -124255892, 2013561815, -1447427476, -1385102130, 76452578, -1392415631, 76452578, -116233351, 28959677, -487993852, -645987680, 48227714, -122966267, -1484848396, 59213505, -34411258, -1602288694, 81897088, -321064953, -864090749, 100315900, -1650924161, -176224621, 112362707, -1295408888, -1870723135, 148801263, -1394114300, -193001223, 165150385, -85416577, -1677128468, 229883637, -2081383926, 1803489011, 25869314, -755055357, 201394945], 268, writeMembersRet)
const membershipsRetEncoder = /* @__PURE__ */ encoder<MembershipsRet>(() => [1279543620, -972788977, 28481923, -558040193, -612432764, 216587709, -2134925185, 1820266392, -271666682, -1649541073, 1744933041, -1950833249, -2070317052, 1745342910, -352536387, -706249970, 2014299637, 191658861, -742336039, -1562674943, 2013437621, -1450394145, -1026293245, 2063906983, -939662133, -1979944700, 2114628288, -589255791, -1930985974, 2014159251, -1761957889, -1125318130, 2014222074, -374437205, 40658959, 634897626, -289547775, 1828917154, -1191089148, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 309033220, -1176257031, -372374015, 2130878690, -538606887, -1414592766, 2130900216, -2021211737, -219346941, 2130955005, -509181792, -588248828, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912193018, 2131214770, -561582192, -410974712, 2131294636, -671174156, -391807223, 185396474, -1279330916, -258339827, 2131686275, -1967390101, -20642559, 17629650, 14], 337, writeMembershipsRet)
const practitionerArgDecoder = /* @__PURE__ */ decoder<PractitionerArg>(() => [1279543620, -1375638527, 26259869, 360], 15, (w) => w[0] === 1279543620 && w[1] === -1375638527 && w[2] === 26259869 && ((w[3] ?? 0) & 16777215) === 360, readPractitionerArg)
const councilRetEncoder = /* @__PURE__ */ encoder<CouncilRet>(() => [1279543620, 1818782989, -1059464958, -1426062893, 61181831, 1812033147, -1281842942, -1744698902, 162385065, -1191089026, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 309033220, -1176257031, -372374527, 2130878690, -538606887, -1414593278, 2130900216, -2021211737, -219347453, 2130955005, -509181792, -588249340, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912193530, 2131214770, -561582192, -410975224, 2131294636, -671174156, -391807223, 151842042, -1279330916, -258340339, 2131686275, -1967390101, -20643071, 17498578, 12], 221, writeCouncilRet)
const councilActsRetEncoder = /* @__PURE__ */ encoder<CouncilActsRet>(() => [1279543620, 1836805389, -771396504, 174050, -577055795, -224854015, 2013389987, -671186743, -1078722301, 1745589972, 23855725, -544294727, 23886092, -258806630, 23886089, -1110067545, 23886086, -2081887616, 23885831, -2082998120, 40663044, 80652730, -1830638223, 1819346062, -1830638335, 1803093134, -474089198, -838598215, 44098281, -444409473, -1358626081, 49608875, -2034129025, -318372985, 63634930, -1501519745, -267975455, 92531932, -1292055425, -444660230, 110337432, -2066483841, -1593309518, 130134729, -2031120257, -2130442018, 150580455, -21891969, -1518401065, 216857320, -1091199991, -1710617165, 250840048, -1140692097, -989658742, 184668926, 3073], 226, writeCouncilActsRet)
const councilVoteArgDecoder = /* @__PURE__ */ decoder<CouncilVoteArg>(() => [1279543620, 1820028162, -1478307325, -1568014334, 112603, -577055795, 16842753], 28, (w) => w[0] === 1279543620 && w[1] === 1820028162 && w[2] === -1478307325 && w[3] === -1568014334 && w[4] === 112603 && w[5] === -577055795 && w[6] === 16842753, readCouncilVoteArg)
const councilVoteRetEncoder = /* @__PURE__ */ encoder<CouncilVoteRet>(() => [1279543620, -1425839094, 61181831, -756315013, -1870789122, 260801968, -1191089029, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 309033220, -1176257031, -372375295, 2130878690, -538606887, -1414594046, 2130900216, -2021211737, -219348221, 2130955005, -509181792, -588250108, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194298, 2131214770, -561582192, -410975992, 2131294636, -671174156, -391807223, 101510394, -1279330916, -258341107, 2131686275, -1967390101, -20643839, 17301970, 9], 209, writeCouncilVoteRet)
const configurationEncoder = /* @__PURE__ */ encoder<Configuration>(() => [1279543620, 1818782980, -1059464958, -1426062893, 61181831, 1812033147, -1179805181, -1587019322, 32158616, -2114856190, 23593660, 3], 45, writeConfiguration)
const argumentDecoder = /* @__PURE__ */ decoder<[] | [Configuration]>(() => [1279543620, 1818782981, -1059464958, -1426062893, 61181831, 1812033147, -1179805181, -1587019322, 32158616, -2114856190, 1852310204, 262403], 47, (w) => w[0] === 1279543620 && w[1] === 1818782981 && w[2] === -1059464958 && w[3] === -1426062893 && w[4] === 61181831 && w[5] === 1812033147 && w[6] === -1179805181 && w[7] === -1587019322 && w[8] === 32158616 && w[9] === -2114856190 && w[10] === 1852310204 && ((w[11] ?? 0) & 16777215) === 262403, (): [] | [Configuration] => readBool() ? [readConfiguration()] : [])

export const recordsEndpoints: Endpoints<RecordsService, Configuration> = {
  methods: {
    configure: {
      mode: 'update',
      argBytesMax: 512,
      arg: configureArgDecoder,
      ret: configureRetEncoder,
    },
    enrol: {
      mode: 'update',
      argBytesMax: 1024,
      arg: enrolArgDecoder,
      ret: configureRetEncoder,
    },
    grant: {
      mode: 'update',
      argBytesMax: 2048,
      arg: grantArgDecoder,
      ret: configureRetEncoder,
    },
    revoke: {
      mode: 'update',
      argBytesMax: 256,
      arg: revokeArgDecoder,
      ret: revokeRetEncoder,
    },
    grantsGiven: {
      mode: 'update',
      argBytesMax: 128,
      arg: grantsGivenArgDecoder,
      ret: grantsGivenRetEncoder,
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
    begin: {
      mode: 'update',
      argBytesMax: 512,
      arg: beginArgDecoder,
      ret: beginRetEncoder,
    },
    putChunk: {
      mode: 'update',
      argBytesMax: 1048848,
      arg: putChunkArgDecoder,
      ret: configureRetEncoder,
    },
    commit: {
      mode: 'update',
      argBytesMax: 20000,
      arg: commitArgDecoder,
      ret: commitRetEncoder,
    },
    abandon: {
      mode: 'update',
      argBytesMax: 128,
      arg: abandonArgDecoder,
      ret: configureRetEncoder,
    },
    beginList: {
      mode: 'update',
      argBytesMax: 512,
      arg: beginListArgDecoder,
      ret: beginListRetEncoder,
    },
    headers: {
      mode: 'query',
      argBytesMax: 512,
      arg: headersArgDecoder,
      ret: headersRetEncoder,
    },
    listCounts: {
      mode: 'query',
      argBytesMax: 4096,
      arg: listCountsArgDecoder,
      ret: listCountsRetEncoder,
    },
    open: {
      mode: 'update',
      argBytesMax: 16384,
      arg: openArgDecoder,
      ret: openRetEncoder,
    },
    chunk: {
      mode: 'query',
      argBytesMax: 512,
      arg: chunkArgDecoder,
      ret: chunkRetEncoder,
    },
    putShareWraps: {
      mode: 'update',
      argBytesMax: 32768,
      arg: putShareWrapsArgDecoder,
      ret: putShareWrapsRetEncoder,
    },
    registerOrganisation: {
      mode: 'update',
      argBytesMax: 768,
      arg: registerOrganisationArgDecoder,
      ret: configureRetEncoder,
    },
    setMember: {
      mode: 'update',
      argBytesMax: 256,
      arg: setMemberArgDecoder,
      ret: configureRetEncoder,
    },
    suspendMember: {
      mode: 'update',
      argBytesMax: 256,
      arg: suspendMemberArgDecoder,
      ret: configureRetEncoder,
    },
    removeMember: {
      mode: 'update',
      argBytesMax: 256,
      arg: suspendMemberArgDecoder,
      ret: configureRetEncoder,
    },
    acceptMembership: {
      mode: 'update',
      argBytesMax: 128,
      arg: acceptMembershipArgDecoder,
      ret: configureRetEncoder,
    },
    organisation: {
      mode: 'update',
      argBytesMax: 128,
      arg: organisationArgDecoder,
      ret: organisationRetEncoder,
    },
    organisations: {
      mode: 'update',
      argBytesMax: 128,
      arg: organisationsArgDecoder,
      ret: organisationsRetEncoder,
    },
    members: {
      mode: 'update',
      argBytesMax: 128,
      arg: membersArgDecoder,
      ret: membersRetEncoder,
    },
    memberships: {
      mode: 'update',
      argBytesMax: 64,
      arg: nothing,
      ret: membershipsRetEncoder,
    },
    practitioner: {
      mode: 'update',
      argBytesMax: 128,
      arg: practitionerArgDecoder,
      ret: membershipsRetEncoder,
    },
    council: {
      mode: 'update',
      argBytesMax: 64,
      arg: nothing,
      ret: councilRetEncoder,
    },
    councilActs: {
      mode: 'update',
      argBytesMax: 64,
      arg: nothing,
      ret: councilActsRetEncoder,
    },
    councilVote: {
      mode: 'update',
      argBytesMax: 1024,
      arg: councilVoteArgDecoder,
      ret: councilVoteRetEncoder,
    },
  },
  configuration: /* @__PURE__ */ codec(configurationEncoder, configureArgDecoder),
  argument: argumentDecoder,
}

type Configuration = { consent: Principal; council: [] | [Council]; audit: Principal }
type Council = { members: Principal[]; threshold: number }
type ConfigureRet = { Ok: null } | { Err: Refusal }
type Refusal = { Stale: RefusalStale } | { Paused: null } | { Busy: RefusalBusy } | { Full: null } | { TooLarge: RefusalTooLarge } | { IdConflict: null } | { ConsentEnded: RefusalConsentEnded } | { NotReady: null } | { LogUnavailable: null } | { NotPermitted: null } | { NotYet: RefusalNotYet } | { LowCycles: null } | { StaleEpoch: RefusalStale } | { Unverified: null } | { NotSignedIn: null } | { BadInput: RefusalBadInput } | { KeysUnavailable: RefusalKeysUnavailable } | { AlreadyDone: null }
type RefusalStale = { current: number }
type RefusalBusy = { retryAfterMs: number }
type RefusalTooLarge = { maxBytes: number }
type RefusalConsentEnded = { endNs: bigint }
type RefusalNotYet = { atNs: bigint }
type RefusalBadInput = { field: string; code: string }
type RefusalKeysUnavailable = { code: number }
type EnrolArg = { compartments: Category[]; requestId: Uint8Array; patientId: Uint8Array }
type Category = { cid: Uint8Array; category: number }
type GrantArg = { terms: [] | [GrantTerms]; compartments: Compartment[]; agreementHash: Uint8Array; requestId: Uint8Array; startNs: bigint; patientId: [] | [Uint8Array]; rights: number; endNs: bigint; grantId: Uint8Array; grantee: Principal; purpose: number }
type GrantTerms = { categories: number; untilDay: number; excluded: Principal[]; fromDay: number; namesSensitive: boolean; roles: number }
type Compartment = { cid: Uint8Array; compartmentKind: number }
type RevokeArg = { requestId: Uint8Array; grantId: Uint8Array }
type RevokeRet = { Ok: RefusalConsentEnded } | { Err: Refusal }
type GivenArg = { patientId: [] | [Uint8Array]; from: number; count: number }
type GrantsGivenRet = { Ok: GrantPage } | { Err: Refusal }
type GrantPage = { grants: GrantView[]; total: number }
type GrantView = { status: GrantStatus; patient: Principal; terms: [] | [GrantTerms]; compartments: GrantCompartment[]; agreementHash: Uint8Array; startNs: bigint; patientId: Uint8Array; endedNs: [] | [bigint]; rights: number; endNs: bigint; grantId: Uint8Array; grantee: Principal; purpose: number }
type GrantStatus = { active: null } | { inactive: null }
type GrantCompartment = { cid: Uint8Array; compartmentKind: number; minEpoch: number; category: number; currentEpoch: number }
type RulesArg = { patientId: [] | [Uint8Array] }
type RulesRet = { Ok: PatientRules } | { Err: Refusal }
type PatientRules = { pausedNs: [] | [bigint]; blocked: Principal[]; requestsFrom: number; sensitive: number }
type ChangeRulesArg = { requestId: Uint8Array; patientId: [] | [Uint8Array]; change: RulesChange }
type RulesChange = { resume: null } | { requestsFrom: number } | { unblock: Principal } | { block: Principal } | { pause: null } | { sensitive: number }
type BeginArg = { cid: Uint8Array; requestId: Uint8Array; patientId: Uint8Array; compartmentKind: number; grantId: [] | [Uint8Array]; version: number; chunkLog2: number; recordId: Uint8Array; chunkCount: number; sizeBytes: bigint }
type BeginRet = { Ok: Upload } | { Err: Refusal }
type Upload = { received: Uint8Array }
type PutChunkArg = { version: number; recordId: Uint8Array; bytes: Uint8Array; index: number }
type CommitArg = { requestId: Uint8Array; listWrap: Uint8Array; version: number; recordId: Uint8Array; manifest: Uint8Array; openWrap: Uint8Array; header: Uint8Array }
type CommitRet = { Ok: Committed } | { Err: Refusal }
type Committed = { seq: number; manifestHash: Uint8Array }
type AbandonArg = { version: number; recordId: Uint8Array }
type BeginListArg = { cid: Uint8Array; requestId: Uint8Array; patientId: Uint8Array; compartmentKind: number; grantId: [] | [Uint8Array] }
type BeginListRet = { Ok: ListSession } | { Err: Refusal }
type ListSession = { untilNs: bigint; count: number; root: Uint8Array; leafIndex: bigint }
type HeadersArg = { cid: Uint8Array; patientId: Uint8Array; compartmentKind: number; count: number; fromSeq: number; grantId: [] | [Uint8Array] }
type HeadersRet = { Ok: Uint8Array[] } | { Err: Refusal }
type ListCountsArg = { lists: ListPlace[] }
type ListPlace = { cid: Uint8Array; patientId: Uint8Array; compartmentKind: number; grantId: [] | [Uint8Array] }
type ListCountsRet = { Ok: number[] } | { Err: Refusal }
type OpenArg = { cid: Uint8Array; requestId: Uint8Array; records: AbandonArg[]; patientId: Uint8Array; compartmentKind: number; grantId: [] | [Uint8Array] }
type OpenRet = { Ok: Opened } | { Err: Refusal }
type Opened = { openWraps: Uint8Array[]; firstLeafIndex: bigint }
type ChunkArg = { cid: Uint8Array; patientId: Uint8Array; compartmentKind: number; grantId: [] | [Uint8Array]; version: number; recordId: Uint8Array; index: number }
type ChunkRet = { Ok: Uint8Array } | { Err: Refusal }
type PutShareWrapsArg = { requestId: Uint8Array; grantId: Uint8Array; wraps: ShareWrap[] }
type ShareWrap = { listWrap: Uint8Array; version: number; recordId: Uint8Array; openWrap: Uint8Array }
type PutShareWrapsRet = { Ok: PutShareWrapsRetOk } | { Err: Refusal }
type PutShareWrapsRetOk = { count: number }
type RegisterOrganisationArg = { requestId: Uint8Array; orgId: Uint8Array; kind: number; name: string }
type SetMemberArg = { principal: Principal; requestId: Uint8Array; orgId: Uint8Array; roles: number; validUntilNs: bigint }
type SuspendMemberArg = { principal: Principal; requestId: Uint8Array; orgId: Uint8Array }
type AcceptMembershipArg = { requestId: Uint8Array; orgId: Uint8Array }
type OrganisationArg = { orgId: Uint8Array }
type OrganisationRet = { Ok: OrganisationAnswer } | { Err: Refusal }
type OrganisationAnswer = { member: [] | [Member]; organisation: Organisation }
type Member = { status: MemberStatus; principal: Principal; sinceNs: bigint; setBy: Principal; roles: number; validUntilNs: bigint }
type MemberStatus = { active: null } | { invited: null } | { suspended: null } | { removed: null }
type Organisation = { members: number; verifiedUntilNs: bigint; orgId: Uint8Array; kind: number; name: string; isInForce: boolean; isSuspended: boolean; registeredNs: bigint; verifiedBy: Uint8Array; verifiedNs: bigint; registrant: Principal }
type PageArg = { from: number; count: number }
type OrganisationsRet = { Ok: OrganisationPage } | { Err: Refusal }
type OrganisationPage = { total: number; organisations: Organisation[] }
type MembersArg = { orgId: Uint8Array; from: number; count: number; grantId: [] | [Uint8Array] }
type MembersRet = { Ok: MemberPage } | { Err: Refusal }
type MemberPage = { total: number; members: Member[] }
type MembershipsRet = { Ok: Membership[] } | { Err: Refusal }
type Membership = { member: Member; organisation: Organisation }
type PractitionerArg = { principal: Principal }
type CouncilRet = { Ok: CouncilView } | { Err: Refusal }
type CouncilView = { council: [] | [Council]; invitationRequired: boolean }
type CouncilActsRet = { Ok: OpenAct[] } | { Err: Refusal }
type OpenAct = { act: Uint8Array; actId: Uint8Array; expiresNs: bigint; votes: Principal[]; proposer: Principal }
type CouncilVoteArg = { act: Uint8Array; requestId: Uint8Array; actId: Uint8Array }
type CouncilVoteRet = { Ok: Vote } | { Err: Refusal }
type Vote = { threshold: number; isDone: boolean; approvals: number }
function readConfiguration(): Configuration {
  return { consent: readPrincipal(), council: readBool() ? [readCouncil()] : [], audit: readPrincipal() }
}
function readCouncil(): Council {
  return { members: readVec(readPrincipal), threshold: readNat8() }
}
function readEnrolArg(): EnrolArg {
  return { compartments: readVec(readCategory), requestId: readBlob(), patientId: readBlob() }
}
function readCategory(): Category {
  return { cid: readBlob(), category: readNat8() }
}
function readGrantArg(): GrantArg {
  return { terms: readBool() ? [readGrantTerms()] : [], compartments: readVec(readCompartment), agreementHash: readBlob(), requestId: readBlob(), startNs: readNat64(), patientId: readBool() ? [readBlob()] : [], rights: readNat8(), endNs: readNat64(), grantId: readBlob(), grantee: readPrincipal(), purpose: readNat8() }
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
function readGivenArg(): GivenArg {
  return { patientId: readBool() ? [readBlob()] : [], from: readNat32(), count: readNat32() }
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
function readBeginArg(): BeginArg {
  return { cid: readBlob(), requestId: readBlob(), patientId: readBlob(), compartmentKind: readNat8(), grantId: readBool() ? [readBlob()] : [], version: readNat32(), chunkLog2: readNat8(), recordId: readBlob(), chunkCount: readNat32(), sizeBytes: readNat64() }
}
function readPutChunkArg(): PutChunkArg {
  return { version: readNat32(), recordId: readBlob(), bytes: readBlob(), index: readNat32() }
}
function readCommitArg(): CommitArg {
  return { requestId: readBlob(), listWrap: readBlob(), version: readNat32(), recordId: readBlob(), manifest: readBlob(), openWrap: readBlob(), header: readBlob() }
}
function readAbandonArg(): AbandonArg {
  return { version: readNat32(), recordId: readBlob() }
}
function readBeginListArg(): BeginListArg {
  return { cid: readBlob(), requestId: readBlob(), patientId: readBlob(), compartmentKind: readNat8(), grantId: readBool() ? [readBlob()] : [] }
}
function readHeadersArg(): HeadersArg {
  return { cid: readBlob(), patientId: readBlob(), compartmentKind: readNat8(), count: readNat32(), fromSeq: readNat32(), grantId: readBool() ? [readBlob()] : [] }
}
function readListCountsArg(): ListCountsArg {
  return { lists: readVec(readListPlace) }
}
function readListPlace(): ListPlace {
  return { cid: readBlob(), patientId: readBlob(), compartmentKind: readNat8(), grantId: readBool() ? [readBlob()] : [] }
}
function readOpenArg(): OpenArg {
  return { cid: readBlob(), requestId: readBlob(), records: readVec(readAbandonArg), patientId: readBlob(), compartmentKind: readNat8(), grantId: readBool() ? [readBlob()] : [] }
}
function readChunkArg(): ChunkArg {
  return { cid: readBlob(), patientId: readBlob(), compartmentKind: readNat8(), grantId: readBool() ? [readBlob()] : [], version: readNat32(), recordId: readBlob(), index: readNat32() }
}
function readPutShareWrapsArg(): PutShareWrapsArg {
  return { requestId: readBlob(), grantId: readBlob(), wraps: readVec(readShareWrap) }
}
function readShareWrap(): ShareWrap {
  return { listWrap: readBlob(), version: readNat32(), recordId: readBlob(), openWrap: readBlob() }
}
function readRegisterOrganisationArg(): RegisterOrganisationArg {
  return { requestId: readBlob(), orgId: readBlob(), kind: readNat8(), name: readText() }
}
function readSetMemberArg(): SetMemberArg {
  return { principal: readPrincipal(), requestId: readBlob(), orgId: readBlob(), roles: readNat8(), validUntilNs: readNat64() }
}
function readSuspendMemberArg(): SuspendMemberArg {
  return { principal: readPrincipal(), requestId: readBlob(), orgId: readBlob() }
}
function readAcceptMembershipArg(): AcceptMembershipArg {
  return { requestId: readBlob(), orgId: readBlob() }
}
function readOrganisationArg(): OrganisationArg {
  return { orgId: readBlob() }
}
function readPageArg(): PageArg {
  return { from: readNat32(), count: readNat32() }
}
function readMembersArg(): MembersArg {
  return { orgId: readBlob(), from: readNat32(), count: readNat32(), grantId: readBool() ? [readBlob()] : [] }
}
function readPractitionerArg(): PractitionerArg {
  return { principal: readPrincipal() }
}
function readCouncilVoteArg(): CouncilVoteArg {
  return { act: readBlob(), requestId: readBlob(), actId: readBlob() }
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
function writeRevokeRet(value: Arms<Encodable<RevokeRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeNat64(value.Ok.endNs)
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
function writeBeginRet(value: Arms<Encodable<BeginRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeUpload(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeUpload(value: Encodable<Upload>): void {
  writeBlob(value.received)
}
function writeCommitRet(value: Arms<Encodable<CommitRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeCommitted(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeCommitted(value: Encodable<Committed>): void {
  writeNat32(value.seq)
  writeBlob(value.manifestHash)
}
function writeBeginListRet(value: Arms<Encodable<BeginListRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeListSession(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeListSession(value: Encodable<ListSession>): void {
  writeNat64(value.untilNs)
  writeNat32(value.count)
  writeBlob(value.root)
  writeNat64(value.leafIndex)
}
function writeHeadersRet(value: Arms<Encodable<HeadersRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeVec(value.Ok, writeBlob)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeListCountsRet(value: Arms<Encodable<ListCountsRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeVec(value.Ok, writeNat32)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeOpenRet(value: Arms<Encodable<OpenRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeOpened(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeOpened(value: Encodable<Opened>): void {
  writeVec(value.openWraps, writeBlob)
  writeNat64(value.firstLeafIndex)
}
function writeChunkRet(value: Arms<Encodable<ChunkRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeBlob(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writePutShareWrapsRet(value: Arms<Encodable<PutShareWrapsRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeNat32(value.Ok.count)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeOrganisationRet(value: Arms<Encodable<OrganisationRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeOrganisationAnswer(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeOrganisationAnswer(value: Encodable<OrganisationAnswer>): void {
  if (value.member.length === 0) writeByte(0)
  else {
    writeByte(1)
    writeMember(value.member[0])
  }
  writeOrganisation(value.organisation)
}
function writeMember(value: Encodable<Member>): void {
  writeMemberStatus(value.status)
  writePrincipal(value.principal)
  writeNat64(value.sinceNs)
  writePrincipal(value.setBy)
  writeNat8(value.roles)
  writeNat64(value.validUntilNs)
}
function writeMemberStatus(value: Arms<Encodable<MemberStatus>>): void {
  if (value.active !== undefined) writeByte(0)
  else if (value.invited !== undefined) writeByte(1)
  else if (value.suspended !== undefined) writeByte(2)
  else if (value.removed !== undefined) writeByte(3)
  else throw NO_ARM
}
function writeOrganisation(value: Encodable<Organisation>): void {
  writeNat32(value.members)
  writeNat64(value.verifiedUntilNs)
  writeBlob(value.orgId)
  writeNat8(value.kind)
  writeText(value.name)
  writeBool(value.isInForce)
  writeBool(value.isSuspended)
  writeNat64(value.registeredNs)
  writeBlob(value.verifiedBy)
  writeNat64(value.verifiedNs)
  writePrincipal(value.registrant)
}
function writeOrganisationsRet(value: Arms<Encodable<OrganisationsRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeOrganisationPage(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeOrganisationPage(value: Encodable<OrganisationPage>): void {
  writeNat32(value.total)
  writeVec(value.organisations, writeOrganisation)
}
function writeMembersRet(value: Arms<Encodable<MembersRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeMemberPage(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeMemberPage(value: Encodable<MemberPage>): void {
  writeNat32(value.total)
  writeVec(value.members, writeMember)
}
function writeMembershipsRet(value: Arms<Encodable<MembershipsRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeVec(value.Ok, writeMembership)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeMembership(value: Encodable<Membership>): void {
  writeMember(value.member)
  writeOrganisation(value.organisation)
}
function writeCouncilRet(value: Arms<Encodable<CouncilRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeCouncilView(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeCouncilView(value: Encodable<CouncilView>): void {
  if (value.council.length === 0) writeByte(0)
  else {
    writeByte(1)
    writeCouncil(value.council[0])
  }
  writeBool(value.invitationRequired)
}
function writeCouncil(value: Encodable<Council>): void {
  writeVec(value.members, writePrincipal)
  writeNat8(value.threshold)
}
function writeCouncilActsRet(value: Arms<Encodable<CouncilActsRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeVec(value.Ok, writeOpenAct)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeOpenAct(value: Encodable<OpenAct>): void {
  writeBlob(value.act)
  writeBlob(value.actId)
  writeNat64(value.expiresNs)
  writeVec(value.votes, writePrincipal)
  writePrincipal(value.proposer)
}
function writeCouncilVoteRet(value: Arms<Encodable<CouncilVoteRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeVote(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeVote(value: Encodable<Vote>): void {
  writeNat8(value.threshold)
  writeBool(value.isDone)
  writeNat8(value.approvals)
}
function writeConfiguration(value: Encodable<Configuration>): void {
  writePrincipal(value.consent)
  if (value.council.length === 0) writeByte(0)
  else {
    writeByte(1)
    writeCouncil(value.council[0])
  }
  writePrincipal(value.audit)
}
