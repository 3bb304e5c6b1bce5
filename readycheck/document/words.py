"""The words by which documents in many languages say how a line stands, and name their parts."""

from __future__ import annotations

import re
import unicodedata

from readycheck.model import Claim

#: Words by state, as documents write them; a line with bars holds phrases of several words.
_STATES: dict[Claim, str] = {
    Claim.DONE: """
        done complete completed yes ready ok okay pass passed passing implemented finished verified live enabled active
        fixed resolved configured achieved met working works deployed operational good excellent closed shipped approved
        available true perfect stable optimal validated confirmed
        integrated installed checked covered compliant secured stable healthy 100%
        in place|all good|set up|up to date|production ready|fully implemented|fully configured|all passing|no issues
        fait faite terminé terminée termine oui prêt prête validé validée effectué
        hecho completado completada listo lista sí terminado implementado configurado cumplido
        concluído concluída feito pronto pronta sim finalizado concluido
        erledigt fertig abgeschlossen ja vorhanden bereit umgesetzt
        fatto completato completata pronto sì finito
        klaar gereed voltooid gotowe zrobione tak selesai tamamlandı tamam evet
        готово выполнено да сделано завершено مكتمل تم جاهز
        优秀 良好 正常 稳定 健康 已部署 已生效 已完成 完成 已实现 已修复
        已配置 已通过 通过 是 就绪 已就绪 完了 済 済み はい 완료 완료됨 예
        hoàn thành|đã xong
        klar færdig valmis
    """,
    Claim.TODO: """
        todo pending open planned no missing tbd scheduled backlog upcoming outstanding remaining awaiting
        waiting unchecked off false absent later future unverified untested queued 0%
        to do|to-do|not done|not started|not configured|not implemented|not set|not ready|not available|not yet|not met
        not tested|not verified|not complete|not completed|needs setup|must do|to be done|action required|not deployed
        à faire|en attente|pas fait|à venir
        non manquant
        pendiente pendientes faltante
        por hacer|sin hacer|no iniciado
        pendente não faltando
        a fazer|por fazer
        offen ausstehend nein fehlt fehlend geplant
        da fare|in attesa|mancante
        te doen|niet gestart|do zrobienia
        belum yapılacak bekliyor hayır
        не сделано|не начато
        ожидает нет مطلوب معلق
        待办 未完成 待处理 未开始 待完成 待定 否 缺失 待修复 待实现 未着手 未完了 未対応 いいえ 미완료 대기 아니오
    """,
    Claim.PARTIAL: """
        partial partially partly mostly limited incomplete warning basic some mixed
        needs work|needs attention|needs improvement|needs review|minor issues|partially done|partially complete
        partially implemented|almost done|nearly done|almost complete|with caveats|good enough
        partiel partielle partiellement incomplet parcial parcialmente incompleto teilweise parziale gedeeltelijk częściowo
        kısmen sebagian частично جزئي 部分 部分完成 部分实现 需完善 一部 부분
    """,
    Claim.IN_PROGRESS: """
        wip ongoing started underway doing progressing
        in progress|in-progress|work in progress|working on|in review|in development|in testing|under review
        under development|being implemented|in the works
        en cours|en progreso|en proceso|em andamento|em progresso|in arbeit|in bearbeitung|in corso|w toku
        bezig
        devam ediyor|sedang berjalan|в процессе|в работе|قيد التنفيذ
        进行中|開発中|進行中|対応中|开发中|处理中|진행중|진행 중
    """,
    Claim.FAILED: """
        failed fail fails failing broken blocked error rejected ko red down vulnerable
        not working|does not work|not passing|needs fix
        échec échoué bloqué fallido fallado fallo falhou bloqueado
        fehlgeschlagen blockiert fallito mislukt başarısız gagal провалено ошибка فشل 失败 失敗 错误 阻塞 실패
    """,
    Claim.NOT_APPLICABLE: """
        n/a na n.a. skipped waived
        not applicable|not required|not needed|out of scope|does not apply|non applicable|sans objet|no aplica
        não aplicável|nicht zutreffend|entfällt|non applicabile|niet van toepassing|nie dotyczy|uygulanamaz
        не применимо|غير منطبق|不适用|不適用|対象外|해당없음|해당 없음
    """,
}


def fold(text: str) -> str:
    """Lower case without accents, for comparing words."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    # Turkish writes an i without a dot, which is a letter of its own.
    return unicodedata.normalize("NFC", "".join(c for c in apart if not "\u0300" <= c <= "\u036f")).replace("ı", "i")


def _phrases() -> dict[str, Claim]:
    found: dict[str, Claim] = {}
    for claim, listed in _STATES.items():
        for line in listed.strip().splitlines():
            # A line with bars holds phrases, any other one single words.
            for phrase in line.split("|") if "|" in line else line.split():
                found.setdefault(fold(phrase.strip()), claim)
    return found


#: Words and phrases, folded, that are a state all by themselves.
STATES = _phrases()
_EDGES = re.compile(r"^[\s*_`~:.!,;()\[\]\-–—|]+|[\s*_`~:.!,;()\[\]\-–—|]+$")
_PERCENT = re.compile(r"(?:~|≈|>|≥)?\s*(\d{1,3})(?:\.\d+)?\s*%\+?")
_FRACTION = re.compile(r"(\d{1,4})\s*/\s*(\d{1,4})")


def state_of(text: str) -> Claim | None:
    """The state that a text is all by itself (`Done`, `in progress`, `80%`, `6/8`), or None."""
    plain = _EDGES.sub("", fold(text[:80]))
    if plain in STATES:
        return STATES[plain]
    if percent := _PERCENT.fullmatch(plain):
        return _share(int(percent[1]), 100)
    if (fraction := _FRACTION.fullmatch(plain)) and int(fraction[2]):
        return _share(int(fraction[1]), int(fraction[2]))
    return None


def leading_state(text: str) -> Claim | None:
    """The state that a text begins with, up to a dash, bracket, comma or full stop: `Done - since May`."""
    found = state_of(text)
    if found is not None:
        return found
    head = re.split(r"\s+[-–—:]\s+|[(,;.:：（，。]", text[:120], maxsplit=1)[0]
    found = state_of(head)
    if found is None and (percent := _PERCENT.match(fold(text.lstrip(" *_`")))):
        rest = text.lstrip(" *_`")[percent.end() :].strip(" *_`")
        return _share(int(percent[1]), 100) if fold(rest).startswith(("complete", "done", "ready")) else None
    return found


def _share(part: int, whole: int) -> Claim | None:
    if part > whole:
        return None
    return Claim.DONE if part == whole else Claim.TODO if not part else Claim.PARTIAL


def either(*phrases: str) -> re.Pattern[str]:
    """A pattern that finds one of these regular expressions at the beginning of a word, in folded text."""
    return re.compile(r"(?<![a-z])(?:" + "|".join(phrases) + ")")
