"""Asks the assignors of kafka-python 3.0.12 and aiokafka 0.14.0 for assignors-python.jsonl.gz: python assignors-python.py OUT.jsonl, in a venv with both."""
import random,json,sys,io
from types import SimpleNamespace as N
import kafka.coordinator.assignors.range as kr, kafka.coordinator.assignors.roundrobin as krr, kafka.coordinator.assignors.sticky.sticky_assignor as ks
from kafka.protocol.consumer.metadata import ConsumerProtocolSubscription
from kafka.structs import TopicPartition
import aiokafka.coordinator.assignors.range as ar, aiokafka.coordinator.assignors.roundrobin as arr, aiokafka.coordinator.assignors.sticky.sticky_assignor as as_
class C:
    def __init__(s,t): s.t=t
    def partitions_for_topic(s,n): return set(range(s.t[n])) if n in s.t else None
    def topics(s): return set(s.t)
random.seed(7)
out=open(sys.argv[1],'w')
def norm(d): return {m:[f'{t}-{p}' for t,ps in a for p in ps] for m,a in d.items()}
def kp(cls,members,topics):
    ms=[N(member_id=m['id'],group_instance_id=m.get('instance'),metadata=m['sub_kp']) for m in members]
    r=(cls() if cls is ks.StickyPartitionAssignor else cls).assign(C(topics),ms)
    return {k:[f'{t}-{p}' for t,ps in [ (x.topic,x.partitions) if hasattr(x,'topic') else x for x in v.assigned_partitions] for p in ps] for k,v in r.items()}
def aio(cls,members,topics):
    r=cls.assign(C(topics),{m['id']:m['sub_aio'] for m in members})
    return {k:[f'{t}-{p}' for t,ps in v.assignment for p in ps] for k,v in r.items()}
def rec(client,name,members,topics,got):
    out.write(json.dumps(dict(client=client,assignor=name,topics=topics,members=[{k:m[k] for k in('id','instance','owned','generation') if m.get(k) is not None} for m in members],assigned=got))+'\n')
def subs(m,topics,sticky):
    T=sorted(topics)
    if sticky and m.get('owned') is not None:
        tps=[TopicPartition(*[f(x) for f,x in zip((str,int),o.rsplit('-',1))]) for o in m['owned']]
        m['sub_kp']=ks.StickyPartitionAssignor._metadata(T,tps,m['generation'])
        m['sub_kp']=N(topics=T,user_data=m['sub_kp'].user_data)
        m['sub_aio']=as_.StickyPartitionAssignor._metadata(T,tps,m['generation'])
    else:
        m['sub_kp']=N(topics=T,user_data=b'')
        m['sub_aio']=N(subscription=T,user_data=b'')
for i in range(120):
    topics={n:random.randint(1,7) for n in random.sample(['a','b','events','z9'],random.randint(1,3))}
    ids=random.sample([f'{x}-{random.randint(100,999)}' for x in 'ABCDEFGH'],random.randint(1,5))
    members=[dict(id=x,**({'instance':'i'+x[0]} if random.random()<random.choice([0,0,1,.4]) else {})) for x in ids]
    for m in members: subs(m,topics,False)
    rec('kafka-python','range',members,topics,kp(kr.RangePartitionAssignor,members,topics)); rec('kafka-python','roundrobin',members,topics,kp(krr.RoundRobinPartitionAssignor,members,topics))
    rec('aiokafka','range',members,topics,aio(ar.RangePartitionAssignor,members,topics)); rec('aiokafka','roundrobin',members,topics,aio(arr.RoundRobinPartitionAssignor,members,topics))
import kafka.coordinator.assignors.cooperative_sticky as kc
for i in range(60):
    topics={n:random.randint(1,9) for n in random.sample(['a','b','events'],random.randint(1,3))}
    pool=[f'{x}-{random.randint(100,999)}' for x in 'ABCDEFGH']
    members=[dict(id=x) for x in pool[:random.randint(1,3)]]; nxt=len(members)
    for g in range(1,6):
        for m in members: subs(m,topics,True)
        k=kp(ks.StickyPartitionAssignor,members,topics); a=aio(as_.StickyPartitionAssignor,members,topics)
        assert {x:sorted(y) for x,y in k.items()}=={x:sorted(y) for x,y in a.items()},(members,k,a)
        rec('kafka-python','sticky',members,topics,k); rec('aiokafka','sticky',members,topics,a)
        for m in members: m['owned'],m['generation']=k[m['id']],g
        c=random.random()
        if c<.45 and nxt<len(pool): members.append(dict(id=pool[nxt])); nxt+=1
        elif c<.8 and len(members)>1: members.pop(random.randrange(len(members)))
        else: n=random.choice(sorted(topics)); topics={**topics,n:topics[n]+random.randint(1,3)}
        random.shuffle(members)

for i in range(60):
    topics={n:random.randint(1,9) for n in random.sample(['a','b','events'],random.randint(1,3))}
    pool=[f'{x}-{random.randint(100,999)}' for x in 'ABCDEFGH']
    members=[dict(id=x) for x in pool[:random.randint(1,3)]]; nxt=len(members)
    for g in range(1,8):
        ms=[]
        for m in members:
            by={}
            for o in m.get('owned') or []: t,p=o.rsplit('-',1); by.setdefault(t,[]).append(int(p))
            ms.append(N(member_id=m['id'],group_instance_id=None,metadata=N(topics=sorted(topics),generation_id=-1,owned_partitions=[N(topic=t,partitions=ps) for t,ps in by.items()])))
        r=kc.CooperativeStickyAssignor().assign(C(topics),ms)
        k={x:[f'{t}-{p}' for t,ps in [ (y.topic,y.partitions) if hasattr(y,'topic') else y for y in v.assigned_partitions] for p in ps] for x,v in r.items()}
        rec('kafka-python','cooperative-sticky',members,topics,k)
        for m in members: m['owned']=k[m['id']]
        c=random.random()
        if c<.35 and nxt<len(pool): members.append(dict(id=pool[nxt])); nxt+=1
        elif c<.55 and len(members)>1: members.pop(random.randrange(len(members)))
        elif c<.65: n=random.choice(sorted(topics)); topics={**topics,n:topics[n]+random.randint(1,3)}
        random.shuffle(members)
