"""Names of people who do not exist: every pair of these lists is drawn by chance."""

from random import Random

# The usual surnames of central Shandong, the frequent ones written several times.
SURNAMES = (
    "李李李李李王王王王王张张张张刘刘刘孙孙陈陈杨杨赵赵韩牛于宋马高郭徐胡朱林郑吕"
    "袁邢孟景柴郝苏翟贾焦路曹靳冯程董魏姜崔任石宁逯滕齐谢彭潘蒋田卢夏范杜丁术"
)
FIRST = "秀玉桂淑春晓雅文美红海丽慧佳静雪梦欣思艳云凤爱兰金翠明月素继新书若子可志建庆"
SECOND = "英兰芳梅霞华珍娟萍敏燕玲荣香莲琴云丽红艳娜婷洁颖琳雯菲璐怡宁岚青平凤芝美"
SINGLE = "芳敏静丽霞艳娟燕萍红颖玲倩楠雪洁琳婷璐慧莉娜岩蕾晶茜宁瑶"


def invent_name(random: Random) -> str:
    """Return a woman's name of two or three characters."""
    surname = random.choice(SURNAMES)
    if random.random() < 0.3:
        return surname + random.choice(SINGLE)
    first, second = random.choice(FIRST), random.choice(SECOND)
    while second == first:
        second = random.choice(SECOND)
    return surname + first + second
