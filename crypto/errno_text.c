#include "crypto/errno_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct row { int number; const char *en, *zh; } rows[] = {
    {ENOENT, "no such file or directory", "没有此文件或目录"}, {EACCES, "permission denied", "没有权限"}, {EPERM, "operation not permitted", "不允许的操作"},
    {EISDIR, "it is a directory", "这是目录"}, {ENOTDIR, "not a directory", "不是目录"}, {EEXIST, "it exists already", "已存在"}, {ENOSPC, "no space is left on the disk", "磁盘已满"},
    {EROFS, "the file system is read-only", "文件系统只读"}, {EIO, "the disk could not be read or written", "读写错误"}, {ENOMEM, "out of memory", "内存不足"},
    {EMFILE, "too many open files", "打开的文件过多"}, {ENFILE, "too many open files on this machine", "本机打开的文件过多"}, {ELOOP, "too many symbolic links, or one that is not allowed", "符号链接过多或不允许"},
    {ENAMETOOLONG, "the name is too long", "名称过长"}, {EAGAIN, "not available now; try again", "暂不可用，请重试"}, {EINVAL, "it does not take that", "参数无效"}, {EBUSY, "it is in use", "正被占用"},
    {EDQUOT, "the disk quota is used up", "超出磁盘配额"}, {EFBIG, "the file is too large", "文件过大"}, {ENXIO, "no such device", "没有此设备"}, {ENODEV, "no such device", "没有此设备"},
    {ENOTEMPTY, "the directory is not empty", "目录不为空"}, {EXDEV, "it lies on another disk", "位于另一磁盘"}, {ETXTBSY, "it is a program that runs", "程序正在运行"}, {ESTALE, "the file of the network disk is gone", "网络磁盘上的文件已失效"},
    {EPIPE, "nobody reads the pipe any more", "管道的读端已关闭"}, {EBADF, "the file was not open", "文件没有打开"}, {EFAULT, "a wrong address of memory", "内存地址有误"}, {EINTR, "it was interrupted", "被中断"},
    {EOVERFLOW, "a number is too large", "数值过大"}, {EOPNOTSUPP, "it is not supported", "不支持"}, {ENOSYS, "this system cannot do it", "本系统不支持"}, {ENOLCK, "no lock is to be had", "无法加锁"},
    {EADDRINUSE, "the address is in use", "地址已被占用"}, {EADDRNOTAVAIL, "the address is not of this machine", "不是本机地址"}, {EAFNOSUPPORT, "this machine has no such kind of address", "本机不支持此类地址"},
    {ECONNREFUSED, "the connection was refused", "连接被拒绝"}, {ECONNRESET, "the connection was cut", "连接被断开"}, {ETIMEDOUT, "no answer came in time", "等待超时"},
    {EHOSTUNREACH, "the machine cannot be reached", "无法到达该机器"}, {ENETUNREACH, "the network cannot be reached", "无法到达该网络"}, {EPROTONOSUPPORT, "this machine has no such protocol", "本机不支持此协议"},
};

static const struct row *errno_text_find(int number) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].number == number) return &rows[i];
    return NULL;
}

static const char *without_row(char text[64], const char *format, const char *format_unnamed, int number) {
    const char *name = strerrorname_np(number);
    if (name) (void)snprintf(text, 64, format, name);
    else (void)snprintf(text, 64, format_unnamed, number);
    return text;
}

const char *errno_en(int number) {
    static _Thread_local char text[64];
    const struct row *row = errno_text_find(number);
    return row ? row->en : without_row(text, "the system said %s", "the system said %d", number);
}

const char *errno_zh(int number) {
    static _Thread_local char text[64];
    const struct row *row = errno_text_find(number);
    return row ? row->zh : without_row(text, "系统错误 %s", "系统错误 %d", number);
}
