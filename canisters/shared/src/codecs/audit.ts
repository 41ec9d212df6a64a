// Made by the build from the contract (scripts/generate-codecs.ts): change that.
import type { ArgOf, AuditService, Principal, RetOf } from '@medguard/protocol'
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
  writeByte,
  writeNat32,
  writeNat64,
  writePrincipal,
  writeText,
  writeVec,
} from '../candid.ts'

const configureArgDecoder = /* @__PURE__ */ decoder<Configuration>(() => [1279543620, 1852337411, -1711051776, 29800877, -309214616, -110623865, 230484418, 131329], 31, (w) => w[0] === 1279543620 && w[1] === 1852337411 && w[2] === -1711051776 && w[3] === 29800877 && w[4] === -309214616 && w[5] === -110623865 && w[6] === 230484418 && ((w[7] ?? 0) & 16777215) === 131329, readConfiguration)
const configureRetEncoder = /* @__PURE__ */ acknowledger<ConfigureRet>(() => [1279543620, -1191089143, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 325810436, -1176257031, -372375551, 2130878690, -538606887, -1414594302, 2130900216, -2021211737, -219348477, 2130955005, -509181792, -588250364, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194554, 2131214770, -561582192, -410976248, 2131294636, -671174156, -391807223, 84733178, -1279330916, -258341363, 2131686275, -1779527803, 40599311, 2130807484, 30604997, 524551], 195, 0, writeConfigureRet)
const appendArgDecoder = /* @__PURE__ */ decoder<AppendArg>(() => [1279543620, 1836805379, -1677562880, 162786503, -592261375, 24645512, 2], 25, (w) => w[0] === 1279543620 && w[1] === 1836805379 && w[2] === -1677562880 && w[3] === 162786503 && w[4] === -592261375 && w[5] === 24645512 && ((w[6] ?? 0) & 255) === 2, readAppendArg)
const appendRetEncoder = /* @__PURE__ */ encoder<AppendRet>(() => [1279543620, 1819831562, -1900496639, 1819872479, -1829987839, 1819871728, -709449983, 1819870909, -387284991, 1819805571, -671574015, 1819804803, -827737598, -491949820, 1896124050, -491978388, 2030341778, -1107750037, 16890339, -1595741746, -2099675390, 33742821, -185029713, -1045987582, 50562950, -889326867, -2136965373, 67428774, -2081628944, -53707003, 2131098290, -1818388251, -738885882, 84324996, -1045247583, -275742969, 17358470, -106109055, -1309376760, 2131351550, -319100763, -174324212, 118338494, -209456998, -1887076594, 2131727854, -1967390101, -20643839, 17301970, 9], 197, writeAppendRet)
const noteReadersArgDecoder = /* @__PURE__ */ decoder<NoteReadersArg>(() => [1279543620, 1836805379, -1056805888, 167685048, -592261375, 24645512, 2], 25, (w) => w[0] === 1279543620 && w[1] === 1836805379 && w[2] === -1056805888 && w[3] === 167685048 && w[4] === -592261375 && w[5] === 24645512 && ((w[6] ?? 0) & 255) === 2, readNoteReadersArg)
const noteReadersRetEncoder = /* @__PURE__ */ encoder<NoteReadersRet>(() => [1279543620, -1191089143, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 325810436, -1176257031, -372375551, 2130878690, -538606887, -1414594302, 2130900216, -2021211737, -219348477, 2130955005, -509181792, -588250364, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194554, 2131214770, -561582192, -410976248, 2131294636, -671174156, -391807223, 84733178, -1279330916, -258341363, 2131686275, -1779527803, 40599311, 2013366972, 30604997, 524551], 195, writeNoteReadersRet)
const headRetEncoder = /* @__PURE__ */ encoder<HeadRet>(() => [1279543620, 1853582604, -1761383424, 31099794, -873751039, -1191181626, 110871491, -1191089152, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 325810436, -1176257031, -372374783, 2130878690, -538606887, -1414593534, 2130900216, -2021211737, -219347709, 2130955005, -509181792, -588249596, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912193786, 2131214770, -561582192, -410975480, 2131294636, -671174156, -391807223, 135064826, -1279330916, -258340595, 2131686275, -1779527803, 40599311, 33655484, 30604997, 721162], 219, writeHeadRet)
const leavesArgDecoder = /* @__PURE__ */ decoder<LeavesArg>(() => [1279543620, 1803250947, -959150845, -1779105711, 2130828699, -1561412134, 57409551, 16892567, -745698865, -657098492, 2013642889, 513], 46, (w) => w[0] === 1279543620 && w[1] === 1803250947 && w[2] === -959150845 && w[3] === -1779105711 && w[4] === 2130828699 && w[5] === -1561412134 && w[6] === 57409551 && w[7] === 16892567 && w[8] === -745698865 && w[9] === -657098492 && w[10] === 2013642889 && ((w[11] ?? 0) & 65535) === 513, readLeavesArg)
const leavesRetEncoder = /* @__PURE__ */ encoder<LeavesRet>(() => [1279543620, 1853582608, -1761383424, 31099794, -873751039, -1191181626, 110871491, 1811967232, -1064854013, -1862269763, 125894085, -1077050368, 1828916420, -1006408700, 27380135, -1395482504, -805174104, 130743514, -1191089147, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 325810436, -1176257031, -372373759, 2130878690, -538606887, -1414592510, 2130900216, -2021211737, -219346685, 2130955005, -509181792, -588248572, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912192762, 2131214770, -561582192, -410974456, 2131294636, -671174156, -391807223, 202173690, -1279330916, -258339571, 2131686275, -1779527803, 40599311, 100764348, 30604997, 983310], 263, writeLeavesRet)
const chainHeadArgDecoder = /* @__PURE__ */ decoder<ChainHeadArg>(() => [1279543620, 1820028162, -789921791, 16778187, 1], 17, (w) => w[0] === 1279543620 && w[1] === 1820028162 && w[2] === -789921791 && w[3] === 16778187 && ((w[4] ?? 0) & 255) === 1, readChainHeadArg)
const chainHeadRetEncoder = /* @__PURE__ */ encoder<ChainHeadRet>(() => [1279543620, 1820028171, -1920348414, -2106063661, 166838950, -1191089152, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 325810436, -1176257031, -372375039, 2130878690, -538606887, -1414593790, 2130900216, -2021211737, -219347965, 2130955005, -509181792, -588249852, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194042, 2131214770, -561582192, -410975736, 2131294636, -671174156, -391807223, 118287610, -1279330916, -258340851, 2131686275, -1779527803, 40599311, 16878268, 30604997, 655625], 211, writeChainHeadRet)
const organisationHeadArgDecoder = /* @__PURE__ */ decoder<OrganisationHeadArg>(() => [1279543620, 1820028162, -1933713663, 16778153, 1], 17, (w) => w[0] === 1279543620 && w[1] === 1820028162 && w[2] === -1933713663 && w[3] === 16778153 && ((w[4] ?? 0) & 255) === 1, readOrganisationHeadArg)
const organisationHeadRetEncoder = /* @__PURE__ */ encoder<OrganisationHeadRet>(() => [1279543620, 1820028171, -2065846526, -1982922706, 2013582221, -1195835028, 2030886798, -325451412, 2030694546, -1230569108, 2030484949, -360709780, 2013758440, -124255892, 2013561815, -1447427476, -1385102130, 76452578, -1392415631, 76452578, -116167815, 28959677, -487993854, -645987680, 48227714, -122966269, -1484848396, 59213505, -34411260, -1602288694, 81897088, -321064955, -864090749, 100315900, -1650924161, -176224621, 112362707, -1295408890, -1870723135, 148801263, -1394114302, -193001223, 165150385, -85416577, -1677259540, 229883637, -2081383928, -2055270669, 261484175, -1140692097, -989789814, 151114494, 2561], 210, writeOrganisationHeadRet)
const inclusionProofArgDecoder = /* @__PURE__ */ decoder<InclusionProofArg>(() => [1279543620, -1090360319, 58781146, -1462397832, 24643280, 0], 21, (w) => w[0] === 1279543620 && w[1] === -1090360319 && w[2] === 58781146 && w[3] === -1462397832 && w[4] === 24643280 && ((w[5] ?? 0) & 255) === 0, readInclusionProofArg)
const inclusionProofRetEncoder = /* @__PURE__ */ encoder<InclusionProofRet>(() => [1279543620, 1836805388, -1945998336, 65337997, -1077050368, 1812008132, -1900496639, 1819872479, -1829987839, 1819871728, -709449983, 1819870909, -387284991, 1819805571, -671574015, 1819804803, -827737598, -491949820, 1896124050, -491978388, 2030341778, -1107750037, 50444771, -1595741746, -2099675390, 67297253, -185029713, -1045987582, 84117382, -889326867, -2136965373, 100983206, -2081628944, -53707003, 2131098290, -1818388251, -738885882, 117879428, -1045247583, -275742969, 50912902, -106109055, -1309376760, 2131351550, -319100763, -174323700, 151892926, -209456998, -1887076594, 2131727854, -1967390101, -20643327, 17433042, 11], 213, writeInclusionProofRet)
const consistencyProofArgDecoder = /* @__PURE__ */ decoder<ConsistencyProofArg>(() => [1279543620, -1862112255, 2014939322, -1131557675, 96264], 20, (w) => w[0] === 1279543620 && w[1] === -1862112255 && w[2] === 2014939322 && w[3] === -1131557675 && w[4] === 96264, readConsistencyProofArg)
const consistencyProofRetEncoder = /* @__PURE__ */ encoder<ConsistencyProofRet>(() => [1279543620, 1836805387, -1191089152, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 325810436, -1176257031, -372375039, 2130878690, -538606887, -1414593790, 2130900216, -2021211737, -219347965, 2130955005, -509181792, -588249852, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194042, 2131214770, -561582192, -410975736, 2131294636, -671174156, -391807223, 118287610, -1279330916, -258340851, 2131686275, -1779527803, 40599311, 16878268, 30604997, 655625], 199, writeConsistencyProofRet)
const tileArgDecoder = /* @__PURE__ */ decoder<TileArg>(() => [1279543620, -2080216063, 127110315, -759786885, 24710128, 0], 21, (w) => w[0] === 1279543620 && w[1] === -2080216063 && w[2] === 127110315 && w[3] === -759786885 && w[4] === 24710128 && ((w[5] ?? 0) & 255) === 0, readTileArg)
const tileRetEncoder = /* @__PURE__ */ encoder<TileRet>(() => [1279543620, 1820028170, -1900496639, 1819872479, -1829987839, 1819871728, -709449983, 1819870909, -387284991, 1819805571, -671574015, 1819804803, -827737598, -491949820, 1896124050, -491978388, 2030341778, -1107750037, 16890339, -1595741746, -2099675390, 33742821, -185029713, -1045987582, 50562950, -889326867, -2136965373, 67428774, -2081628944, -53707003, 2131098290, -1818388251, -738885882, 84324996, -1045247583, -275742969, 17358470, -106109055, -1309376760, 2131351550, -319100763, -174324212, 118338494, -209456998, -1887076594, 2131727854, -1967390101, -20643839, 17301970, 9], 197, writeTileRet)
const shardHeadArgDecoder = /* @__PURE__ */ decoder<ShardHeadArg>(() => [1279543620, -570332159, 132182985, 379], 15, (w) => w[0] === 1279543620 && w[1] === -570332159 && w[2] === 132182985 && ((w[3] ?? 0) & 16777215) === 379, readShardHeadArg)
const shardHeadRetEncoder = /* @__PURE__ */ encoder<ShardHeadRet>(() => [1279543620, 1820028171, -1064854014, -1862269763, 125894085, -1191089152, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 325810436, -1176257031, -372375039, 2130878690, -538606887, -1414593790, 2130900216, -2021211737, -219347965, 2130955005, -509181792, -588249852, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194042, 2131214770, -561582192, -410975736, 2131294636, -671174156, -391807223, 118287610, -1279330916, -258340851, 2131686275, -1779527803, 40599311, 16878268, 30604997, 655625], 211, writeShardHeadRet)
const configureCheckpointsArgDecoder = /* @__PURE__ */ decoder<ConfigureCheckpointsArg>(() => [1279543620, -1979618303, 177660871, 369], 15, (w) => w[0] === 1279543620 && w[1] === -1979618303 && w[2] === 177660871 && ((w[3] ?? 0) & 16777215) === 369, readConfigureCheckpointsArg)
const checkpointRetEncoder = /* @__PURE__ */ encoder<CheckpointRet>(() => [1279543620, 1820028172, -963404029, -124227326, 2013561815, -928469006, 23986180, -1195835028, 2030886798, -325451412, 2030694546, -1230569108, 2030484949, -360709780, 2013758440, -124255892, 2013561815, -1447427476, -1385102130, 76452578, -1392415631, 76452578, -116167815, 28959677, -487993853, -645987680, 48227714, -122966268, -1484848396, 59213505, -34411259, -1602288694, 81897088, -321064954, -864090749, 100315900, -1650924161, -176224621, 112362707, -1295408889, -1870723135, 148801263, -1394114301, -193001223, 165150385, -85416577, -1677194004, 229883637, -2081383927, -2055270669, 261484175, -1140692097, -989724278, 167891710, 2817], 218, writeCheckpointRet)
const makeCheckpointRetEncoder = /* @__PURE__ */ encoder<MakeCheckpointRet>(() => [1279543620, 1820028171, -963404029, -124227326, 2013561815, -928469006, 23855108, -544294727, 23886092, -258806630, 23886089, -1110067545, 23886086, -2081887616, 23885831, -2082998120, 40663044, 80652730, -1830638223, 1819346062, -1830638335, 1803093134, -474089197, -838729287, 44098281, -444409473, -1358757153, 49608875, -2034129025, -318504057, 63634930, -1501519745, -268106527, 92531932, -1292055425, -444660230, 110337432, -2066483841, -1593440590, 130134729, -2031120257, -2130573090, 150580455, -21891969, -1518401065, 216857320, -1091199993, -1710748237, 250840048, -292584065, 1803489173, 25869314, -755055359, 167840001], 216, writeMakeCheckpointRet)
const configurationEncoder = /* @__PURE__ */ encoder<Configuration>(() => [1279543620, 1852337411, -1711051776, 29800877, -309214616, -110623865, 230484418, 131329], 31, writeConfiguration)
const argumentDecoder = /* @__PURE__ */ decoder<[] | [Configuration]>(() => [1279543620, 1852337412, -1711051776, 29800877, -309214616, -110623865, 230484418, 16936449, 3], 33, (w) => w[0] === 1279543620 && w[1] === 1852337412 && w[2] === -1711051776 && w[3] === 29800877 && w[4] === -309214616 && w[5] === -110623865 && w[6] === 230484418 && w[7] === 16936449 && ((w[8] ?? 0) & 255) === 3, (): [] | [Configuration] => readBool() ? [readConfiguration()] : [])
const appendArgEncoder = /* @__PURE__ */ encoder<AppendArg>(() => [1279543620, 1836805379, -1677562880, 162786503, -592261375, 24645512, 2], 25, writeAppendArg)
const appendRetDecoder = /* @__PURE__ */ decoder<AppendRet>(() => [1279543620, 1819831562, -1900496639, 1819872479, -1829987839, 1819871728, -709449983, 1819870909, -387284991, 1819805571, -671574015, 1819804803, -827737598, -491949820, 1896124050, -491978388, 2030341778, -1107750037, 16890339, -1595741746, -2099675390, 33742821, -185029713, -1045987582, 50562950, -889326867, -2136965373, 67428774, -2081628944, -53707003, 2131098290, -1818388251, -738885882, 84324996, -1045247583, -275742969, 17358470, -106109055, -1309376760, 2131351550, -319100763, -174324212, 118338494, -209456998, -1887076594, 2131727854, -1967390101, -20643839, 17301970, 9], 197, (w) => w[0] === 1279543620 && w[1] === 1819831562 && w[2] === -1900496639 && w[3] === 1819872479 && w[4] === -1829987839 && w[5] === 1819871728 && w[6] === -709449983 && w[7] === 1819870909 && w[8] === -387284991 && w[9] === 1819805571 && w[10] === -671574015 && w[11] === 1819804803 && w[12] === -827737598 && w[13] === -491949820 && w[14] === 1896124050 && w[15] === -491978388 && w[16] === 2030341778 && w[17] === -1107750037 && w[18] === 16890339 && w[19] === -1595741746 && w[20] === -2099675390 && w[21] === 33742821 && w[22] === -185029713 && w[23] === -1045987582 && w[24] === 50562950 && w[25] === -889326867 && w[26] === -2136965373 && w[27] === 67428774 && w[28] === -2081628944 && w[29] === -53707003 && w[30] === 2131098290 && w[31] === -1818388251 && w[32] === -738885882 && w[33] === 84324996 && w[34] === -1045247583 && w[35] === -275742969 && w[36] === 17358470 && w[37] === -106109055 && w[38] === -1309376760 && w[39] === 2131351550 && w[40] === -319100763 && w[41] === -174324212 && w[42] === 118338494 && w[43] === -209456998 && w[44] === -1887076594 && w[45] === 2131727854 && w[46] === -1967390101 && w[47] === -20643839 && w[48] === 17301970 && ((w[49] ?? 0) & 255) === 9, readAppendRet)
const noteReadersArgEncoder = /* @__PURE__ */ encoder<NoteReadersArg>(() => [1279543620, 1836805379, -1056805888, 167685048, -592261375, 24645512, 2], 25, writeNoteReadersArg)
const noteReadersRetDecoder = /* @__PURE__ */ decoder<NoteReadersRet>(() => [1279543620, -1191089143, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 325810436, -1176257031, -372375551, 2130878690, -538606887, -1414594302, 2130900216, -2021211737, -219348477, 2130955005, -509181792, -588250364, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194554, 2131214770, -561582192, -410976248, 2131294636, -671174156, -391807223, 84733178, -1279330916, -258341363, 2131686275, -1779527803, 40599311, 2013366972, 30604997, 524551], 195, (w) => w[0] === 1279543620 && w[1] === -1191089143 && w[2] === 215977656 && w[3] === -1711182727 && w[4] === 166761196 && w[5] === -1493078919 && w[6] === 113104310 && w[7] === -2147390343 && w[8] === 126085354 && w[9] === -1744737160 && w[10] === 75749368 && w[11] === -1174246280 && w[12] === 1896140457 && w[13] === -1902976339 && w[14] === 23884036 && w[15] === -1902976339 && w[16] === 325810436 && w[17] === -1176257031 && w[18] === -372375551 && w[19] === 2130878690 && w[20] === -538606887 && w[21] === -1414594302 && w[22] === 2130900216 && w[23] === -2021211737 && w[24] === -219348477 && w[25] === 2130955005 && w[26] === -509181792 && w[27] === -588250364 && w[28] === 2131067884 && w[29] === -88933172 && w[30] === -1729790203 && w[31] === 2131137437 && w[32] === -1299917835 && w[33] === -912194554 && w[34] === 2131214770 && w[35] === -561582192 && w[36] === -410976248 && w[37] === 2131294636 && w[38] === -671174156 && w[39] === -391807223 && w[40] === 84733178 && w[41] === -1279330916 && w[42] === -258341363 && w[43] === 2131686275 && w[44] === -1779527803 && w[45] === 40599311 && w[46] === 2013366972 && w[47] === 30604997 && ((w[48] ?? 0) & 16777215) === 524551, readNoteReadersRet)
const headArgEncoder = /* @__PURE__ */ encoder<null>(() => [1279543620, 0], 6, () => {})
const headRetDecoder = /* @__PURE__ */ decoder<HeadRet>(() => [1279543620, 1853582604, -1761383424, 31099794, -873751039, -1191181626, 110871491, -1191089152, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 325810436, -1176257031, -372374783, 2130878690, -538606887, -1414593534, 2130900216, -2021211737, -219347709, 2130955005, -509181792, -588249596, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912193786, 2131214770, -561582192, -410975480, 2131294636, -671174156, -391807223, 135064826, -1279330916, -258340595, 2131686275, -1779527803, 40599311, 33655484, 30604997, 721162], 219, (w) => w[0] === 1279543620 && w[1] === 1853582604 && w[2] === -1761383424 && w[3] === 31099794 && w[4] === -873751039 && w[5] === -1191181626 && w[6] === 110871491 && w[7] === -1191089152 && w[8] === 215977656 && w[9] === -1711182727 && w[10] === 166761196 && w[11] === -1493078919 && w[12] === 113104310 && w[13] === -2147390343 && w[14] === 126085354 && w[15] === -1744737160 && w[16] === 75749368 && w[17] === -1174246280 && w[18] === 1896140457 && w[19] === -1902976339 && w[20] === 23884036 && w[21] === -1902976339 && w[22] === 325810436 && w[23] === -1176257031 && w[24] === -372374783 && w[25] === 2130878690 && w[26] === -538606887 && w[27] === -1414593534 && w[28] === 2130900216 && w[29] === -2021211737 && w[30] === -219347709 && w[31] === 2130955005 && w[32] === -509181792 && w[33] === -588249596 && w[34] === 2131067884 && w[35] === -88933172 && w[36] === -1729790203 && w[37] === 2131137437 && w[38] === -1299917835 && w[39] === -912193786 && w[40] === 2131214770 && w[41] === -561582192 && w[42] === -410975480 && w[43] === 2131294636 && w[44] === -671174156 && w[45] === -391807223 && w[46] === 135064826 && w[47] === -1279330916 && w[48] === -258340595 && w[49] === 2131686275 && w[50] === -1779527803 && w[51] === 40599311 && w[52] === 33655484 && w[53] === 30604997 && ((w[54] ?? 0) & 16777215) === 721162, readHeadRet)
const consistencyProofArgEncoder = /* @__PURE__ */ encoder<ConsistencyProofArg>(() => [1279543620, -1862112255, 2014939322, -1131557675, 96264], 20, writeConsistencyProofArg)
const consistencyProofRetDecoder = /* @__PURE__ */ decoder<ConsistencyProofRet>(() => [1279543620, 1836805387, -1191089152, 215977656, -1711182727, 166761196, -1493078919, 113104310, -2147390343, 126085354, -1744737160, 75749368, -1174246280, 1896140457, -1902976339, 23884036, -1902976339, 325810436, -1176257031, -372375039, 2130878690, -538606887, -1414593790, 2130900216, -2021211737, -219347965, 2130955005, -509181792, -588249852, 2131067884, -88933172, -1729790203, 2131137437, -1299917835, -912194042, 2131214770, -561582192, -410975736, 2131294636, -671174156, -391807223, 118287610, -1279330916, -258340851, 2131686275, -1779527803, 40599311, 16878268, 30604997, 655625], 199, (w) => w[0] === 1279543620 && w[1] === 1836805387 && w[2] === -1191089152 && w[3] === 215977656 && w[4] === -1711182727 && w[5] === 166761196 && w[6] === -1493078919 && w[7] === 113104310 && w[8] === -2147390343 && w[9] === 126085354 && w[10] === -1744737160 && w[11] === 75749368 && w[12] === -1174246280 && w[13] === 1896140457 && w[14] === -1902976339 && w[15] === 23884036 && w[16] === -1902976339 && w[17] === 325810436 && w[18] === -1176257031 && w[19] === -372375039 && w[20] === 2130878690 && w[21] === -538606887 && w[22] === -1414593790 && w[23] === 2130900216 && w[24] === -2021211737 && w[25] === -219347965 && w[26] === 2130955005 && w[27] === -509181792 && w[28] === -588249852 && w[29] === 2131067884 && w[30] === -88933172 && w[31] === -1729790203 && w[32] === 2131137437 && w[33] === -1299917835 && w[34] === -912194042 && w[35] === 2131214770 && w[36] === -561582192 && w[37] === -410975736 && w[38] === 2131294636 && w[39] === -671174156 && w[40] === -391807223 && w[41] === 118287610 && w[42] === -1279330916 && w[43] === -258340851 && w[44] === 2131686275 && w[45] === -1779527803 && w[46] === 40599311 && w[47] === 16878268 && w[48] === 30604997 && ((w[49] ?? 0) & 16777215) === 655625, readConsistencyProofRet)

export const auditEndpoints: Endpoints<AuditService, Configuration> = {
  methods: {
    configure: {
      mode: 'update',
      argBytesMax: 4096,
      arg: configureArgDecoder,
      ret: configureRetEncoder,
    },
    append: {
      mode: 'update',
      argBytesMax: 80000,
      arg: appendArgDecoder,
      ret: appendRetEncoder,
    },
    noteReaders: {
      mode: 'update',
      argBytesMax: 80000,
      arg: noteReadersArgDecoder,
      ret: noteReadersRetEncoder,
    },
    head: {
      mode: 'query',
      argBytesMax: 64,
      arg: nothing,
      ret: headRetEncoder,
    },
    leaves: {
      mode: 'query',
      argBytesMax: 256,
      arg: leavesArgDecoder,
      ret: leavesRetEncoder,
    },
    chainHead: {
      mode: 'update',
      argBytesMax: 128,
      arg: chainHeadArgDecoder,
      ret: chainHeadRetEncoder,
    },
    organisationHead: {
      mode: 'update',
      argBytesMax: 128,
      arg: organisationHeadArgDecoder,
      ret: organisationHeadRetEncoder,
    },
    inclusionProof: {
      mode: 'query',
      argBytesMax: 128,
      arg: inclusionProofArgDecoder,
      ret: inclusionProofRetEncoder,
    },
    consistencyProof: {
      mode: 'query',
      argBytesMax: 128,
      arg: consistencyProofArgDecoder,
      ret: consistencyProofRetEncoder,
    },
    tile: {
      mode: 'query',
      argBytesMax: 64,
      arg: tileArgDecoder,
      ret: tileRetEncoder,
    },
    shardHead: {
      mode: 'update',
      argBytesMax: 64,
      arg: shardHeadArgDecoder,
      ret: shardHeadRetEncoder,
    },
    configureCheckpoints: {
      mode: 'update',
      argBytesMax: 128,
      arg: configureCheckpointsArgDecoder,
      ret: configureRetEncoder,
    },
    checkpoint: {
      mode: 'query',
      argBytesMax: 64,
      arg: nothing,
      ret: checkpointRetEncoder,
    },
    makeCheckpoint: {
      mode: 'update',
      argBytesMax: 64,
      arg: nothing,
      ret: makeCheckpointRetEncoder,
    },
  },
  configuration: /* @__PURE__ */ codec(configurationEncoder, configureArgDecoder),
  argument: argumentDecoder,
}
export const appendCall: Call<ArgOf<AuditService['append']>, RetOf<AuditService['append']>> = {
  name: 'append',
  arg: appendArgEncoder,
  ret: appendRetDecoder,
}
export const noteReadersCall: Call<ArgOf<AuditService['noteReaders']>, RetOf<AuditService['noteReaders']>> = {
  name: 'noteReaders',
  arg: noteReadersArgEncoder,
  ret: noteReadersRetDecoder,
}
export const headCall: Call<ArgOf<AuditService['head']>, RetOf<AuditService['head']>> = {
  name: 'head',
  arg: headArgEncoder,
  ret: headRetDecoder,
}
export const consistencyProofCall: Call<ArgOf<AuditService['consistencyProof']>, RetOf<AuditService['consistencyProof']>> = {
  name: 'consistencyProof',
  arg: consistencyProofArgEncoder,
  ret: consistencyProofRetDecoder,
}

type Configuration = { consent: Principal; records: Principal; logShards: [] | [Principal[]] }
type ConfigureRet = { Ok: null } | { Err: Refusal }
type Refusal = { Stale: RefusalStale } | { Paused: null } | { Busy: RefusalBusy } | { Full: null } | { TooLarge: RefusalTooLarge } | { IdConflict: null } | { ConsentEnded: RefusalConsentEnded } | { NotReady: null } | { LogUnavailable: null } | { NotPermitted: null } | { NotYet: RefusalNotYet } | { LowCycles: null } | { StaleEpoch: RefusalStale } | { Unverified: null } | { NotSignedIn: null } | { BadInput: RefusalBadInput } | { KeysUnavailable: RefusalKeysUnavailable } | { AlreadyDone: null } | { Expired: null }
type RefusalStale = { current: number }
type RefusalBusy = { retryAfterMs: number }
type RefusalTooLarge = { maxBytes: number }
type RefusalConsentEnded = { endNs: bigint }
type RefusalNotYet = { atNs: bigint }
type RefusalBadInput = { field: string; code: string }
type RefusalKeysUnavailable = { code: number }
type AppendArg = { leaves: Uint8Array[]; firstSeq: bigint }
type AppendRet = { Ok: bigint[] } | { Err: Refusal }
type NoteReadersArg = { notes: Uint8Array[]; firstSeq: bigint }
type NoteReadersRet = { Ok: bigint } | { Err: Refusal }
type HeadRet = { Ok: CertifiedHead } | { Err: Refusal }
type CertifiedHead = { certificate: [] | [Uint8Array]; treeHead: Uint8Array; witness: Uint8Array }
type LeavesArg = { of: LeavesArgOf; count: number; fromSeq: bigint }
type LeavesArgOf = { patient: Uint8Array } | { actor: null } | { organisation: Uint8Array }
type LeavesRet = { Ok: LogPage } | { Err: Refusal }
type LogPage = { total: bigint; head: CertifiedHead; entries: LogEntry[] }
type LogEntry = { leaf: Uint8Array; detail: Uint8Array; proof: Uint8Array[] }
type ChainHeadArg = { patientId: Uint8Array }
type ChainHeadRet = { Ok: ChainHeadRetOk } | { Err: Refusal }
type ChainHeadRetOk = { count: bigint; lastLeafHash: Uint8Array }
type OrganisationHeadArg = { orgId: Uint8Array }
type OrganisationHeadRet = { Ok: SequenceHead } | { Err: Refusal }
type SequenceHead = { sequenceHash: Uint8Array; count: bigint }
type InclusionProofArg = { treeSize: bigint; leafIndex: bigint }
type InclusionProofRet = { Ok: InclusionProof } | { Err: Refusal }
type InclusionProof = { leafHash: Uint8Array; proof: Uint8Array[] }
type ConsistencyProofArg = { firstSize: bigint; secondSize: bigint }
type ConsistencyProofRet = { Ok: Uint8Array[] } | { Err: Refusal }
type TileArg = { level: number; index: number }
type TileRet = { Ok: Uint8Array } | { Err: Refusal }
type ShardHeadArg = { shard: number }
type ShardHeadRet = { Ok: RecordedHead } | { Err: Refusal }
type RecordedHead = { leaf: Uint8Array; detail: Uint8Array }
type ConfigureCheckpointsArg = { keyName: string }
type CheckpointRet = { Ok: [] | [Checkpoint] } | { Err: Refusal }
type Checkpoint = { key: string; atNs: bigint; note: Uint8Array }
type MakeCheckpointRet = { Ok: Checkpoint } | { Err: Refusal }
function readConfiguration(): Configuration {
  return { consent: readPrincipal(), records: readPrincipal(), logShards: readBool() ? [readVec(readPrincipal)] : [] }
}
function readAppendArg(): AppendArg {
  return { leaves: readVec(readBlob), firstSeq: readNat64() }
}
function readNoteReadersArg(): NoteReadersArg {
  return { notes: readVec(readBlob), firstSeq: readNat64() }
}
function readLeavesArg(): LeavesArg {
  return { of: readLeavesArgOf(), count: readNat32(), fromSeq: readNat64() }
}
function readLeavesArgOf(): LeavesArgOf {
  switch (readLeb()) {
    case 0:
      return { patient: readBlob() }
    case 1:
      return { actor: null }
    case 2:
      return { organisation: readBlob() }
    default:
      throw BAD_BYTES
  }
}
function readChainHeadArg(): ChainHeadArg {
  return { patientId: readBlob() }
}
function readOrganisationHeadArg(): OrganisationHeadArg {
  return { orgId: readBlob() }
}
function readInclusionProofArg(): InclusionProofArg {
  return { treeSize: readNat64(), leafIndex: readNat64() }
}
function readConsistencyProofArg(): ConsistencyProofArg {
  return { firstSize: readNat64(), secondSize: readNat64() }
}
function readTileArg(): TileArg {
  return { level: readNat8(), index: readNat32() }
}
function readShardHeadArg(): ShardHeadArg {
  return { shard: readNat8() }
}
function readConfigureCheckpointsArg(): ConfigureCheckpointsArg {
  return { keyName: readText() }
}
function readAppendRet(): AppendRet {
  switch (readLeb()) {
    case 0:
      return { Ok: readVec(readNat64) }
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
    case 18:
      return { Expired: null }
    default:
      throw BAD_BYTES
  }
}
function readNoteReadersRet(): NoteReadersRet {
  switch (readLeb()) {
    case 0:
      return { Ok: readNat64() }
    case 1:
      return { Err: readRefusal() }
    default:
      throw BAD_BYTES
  }
}
function readHeadRet(): HeadRet {
  switch (readLeb()) {
    case 0:
      return { Ok: readCertifiedHead() }
    case 1:
      return { Err: readRefusal() }
    default:
      throw BAD_BYTES
  }
}
function readCertifiedHead(): CertifiedHead {
  return { certificate: readBool() ? [readBlob()] : [], treeHead: readBlob(), witness: readBlob() }
}
function readConsistencyProofRet(): ConsistencyProofRet {
  switch (readLeb()) {
    case 0:
      return { Ok: readVec(readBlob) }
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
  else if (value.Expired !== undefined) writeByte(18)
  else throw NO_ARM
}
function writeAppendRet(value: Arms<Encodable<AppendRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeVec(value.Ok, writeNat64)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeNoteReadersRet(value: Arms<Encodable<NoteReadersRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeNat64(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeHeadRet(value: Arms<Encodable<HeadRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeCertifiedHead(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeCertifiedHead(value: Encodable<CertifiedHead>): void {
  if (value.certificate.length === 0) writeByte(0)
  else {
    writeByte(1)
    writeBlob(value.certificate[0])
  }
  writeBlob(value.treeHead)
  writeBlob(value.witness)
}
function writeLeavesRet(value: Arms<Encodable<LeavesRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeLogPage(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeLogPage(value: Encodable<LogPage>): void {
  writeNat64(value.total)
  writeCertifiedHead(value.head)
  writeVec(value.entries, writeLogEntry)
}
function writeLogEntry(value: Encodable<LogEntry>): void {
  writeBlob(value.leaf)
  writeBlob(value.detail)
  writeVec(value.proof, writeBlob)
}
function writeChainHeadRet(value: Arms<Encodable<ChainHeadRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeNat64(value.Ok.count)
    writeBlob(value.Ok.lastLeafHash)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeOrganisationHeadRet(value: Arms<Encodable<OrganisationHeadRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeSequenceHead(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeSequenceHead(value: Encodable<SequenceHead>): void {
  writeBlob(value.sequenceHash)
  writeNat64(value.count)
}
function writeInclusionProofRet(value: Arms<Encodable<InclusionProofRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeInclusionProof(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeInclusionProof(value: Encodable<InclusionProof>): void {
  writeBlob(value.leafHash)
  writeVec(value.proof, writeBlob)
}
function writeConsistencyProofRet(value: Arms<Encodable<ConsistencyProofRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeVec(value.Ok, writeBlob)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeTileRet(value: Arms<Encodable<TileRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeBlob(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeShardHeadRet(value: Arms<Encodable<ShardHeadRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeRecordedHead(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeRecordedHead(value: Encodable<RecordedHead>): void {
  writeBlob(value.leaf)
  writeBlob(value.detail)
}
function writeCheckpointRet(value: Arms<Encodable<CheckpointRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    if (value.Ok.length === 0) writeByte(0)
    else {
      writeByte(1)
      writeCheckpoint(value.Ok[0])
    }
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeCheckpoint(value: Encodable<Checkpoint>): void {
  writeText(value.key)
  writeNat64(value.atNs)
  writeBlob(value.note)
}
function writeMakeCheckpointRet(value: Arms<Encodable<MakeCheckpointRet>>): void {
  if (value.Ok !== undefined) {
    writeByte(0)
    writeCheckpoint(value.Ok)
  } else if (value.Err !== undefined) {
    writeByte(1)
    writeRefusal(value.Err)
  } else throw NO_ARM
}
function writeConfiguration(value: Encodable<Configuration>): void {
  writePrincipal(value.consent)
  writePrincipal(value.records)
  if (value.logShards.length === 0) writeByte(0)
  else {
    writeByte(1)
    writeVec(value.logShards[0], writePrincipal)
  }
}
function writeAppendArg(value: Encodable<AppendArg>): void {
  writeVec(value.leaves, writeBlob)
  writeNat64(value.firstSeq)
}
function writeNoteReadersArg(value: Encodable<NoteReadersArg>): void {
  writeVec(value.notes, writeBlob)
  writeNat64(value.firstSeq)
}
function writeConsistencyProofArg(value: Encodable<ConsistencyProofArg>): void {
  writeNat64(value.firstSize)
  writeNat64(value.secondSize)
}
