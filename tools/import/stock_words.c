#include "tools/import/stock_words.h"

const char *const STOCK_FAMILY_NAMES[STOCK_FAMILY_NAME_COUNT] = {"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙",
                                                                 "胡", "朱", "高", "林", "何", "郭", "马", "罗", "欧阳", "上官", "诸葛", "司徒"};
/* The last four are rare characters that people's names really have: in GB 18030, not in GB 2312. */
const char *const STOCK_GIVEN_NAMES[STOCK_GIVEN_NAME_COUNT] = {"伟", "芳", "娜", "敏", "静", "磊", "洋", "艳", "勇", "杰", "娟",
                                                               "涛", "明", "超", "霞", "平", "刚", "桂", "玲", "丹", "萍", "鑫",
                                                               "浩", "宇", "轩", "涵", "梓", "琪", "䶮", "㙍", "喆", "堃"};
const char *const STOCK_PLACES[STOCK_PLACE_COUNT] = {"青浦区夏阳街道", "青浦区朱家角镇", "青浦区金泽镇", "青浦区练塘镇", "青浦区徐泾镇", "吴江区黎里镇",
                                                     "吴江区松陵街道", "吴江区盛泽镇", "吴江区平望镇", "嘉善县西塘镇", "嘉善县姚庄镇", "嘉善县魏塘街道"};
const char *const STOCK_ROADS[STOCK_ROAD_COUNT] = {"试验路", "样本路", "示范大道", "测试街", "例证路", "虚构路", "演练路", "模拟街", "范本路", "仿真路"};
const char *const STOCK_TRADES[STOCK_TRADE_COUNT] = {"商贸有限公司", "餐饮管理有限公司", "建筑工程有限公司", "物流有限公司", "食品有限公司", "书店",
                                                     "美容院", "机电设备有限公司", "化工有限公司", "小吃店", "旅馆", "汽车运输有限公司"};
const char *const STOCK_SCOPES[STOCK_SCOPE_COUNT] = {"热食类食品制售", "冷食类食品制售（不含冷荤凉菜）", "预包装食品销售", "道路普通货物运输", "图书、期刊零售",
                                                     "理发、美容", "住宿", "房屋建筑工程施工总承包", "危险化学品生产", "公共浴室"};

enum word_kind stock_word_kind(struct bytes code) {
    static const struct {
        const char *code;
        enum word_kind kind;
    } KNOWN[] = {
        {"KZ_FDDBR", WORD_PERSON},   {"KZ_ZYFZR", WORD_PERSON},  {"KZ_DWMC", WORD_COMPANY},   {"KZ_JYZMC", WORD_COMPANY}, {"KZ_YHMC", WORD_COMPANY},
        {"KZ_JSDW", WORD_COMPANY},   {"KZ_SGDW", WORD_COMPANY},  {"KZ_DZ", WORD_ADDRESS},     {"KZ_DWDZ", WORD_ADDRESS},  {"KZ_JSDZ", WORD_ADDRESS},
        {"KZ_JYCS", WORD_ADDRESS},   {"KZ_JZDZ", WORD_ADDRESS},  {"KZ_ZS", WORD_ADDRESS},     {"KZ_ZL", WORD_ADDRESS},    {"KZ_SYDD", WORD_ADDRESS},
        {"KZ_CZHKSZD", WORD_ADDRESS}, {"KZ_JYFW", WORD_SCOPE},   {"KZ_JYXM", WORD_SCOPE},     {"KZ_XKFW", WORD_SCOPE},    {"KZ_XKXM", WORD_SCOPE},
    };
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++)
        if (bytes_equal(code, bytes_text(KNOWN[i].code))) return KNOWN[i].kind;
    return WORD_OTHER;
}
